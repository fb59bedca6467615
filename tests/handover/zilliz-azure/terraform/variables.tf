variable "zilliz_endpoint" {
  type        = string
  description = "zilliz endpoint, known once the step that brings it is done"
}
