variable "endpoint_name" {
  type        = string
  description = "the endpoint's name, known once the step that brings it is done"
}
