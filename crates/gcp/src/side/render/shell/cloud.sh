# The command line of Google Cloud: no questions, one project, and no word of what is only advice.
cloud() { gcloud --quiet --verbosity error --project "$PROJECT" "$@"; }
# What a thing is; nothing where there is none.
seen() {
    local said
    { said=$(cloud "$@" 2>&1 >&3 3>&-); } 3>&1 && return
    case $said in
    *'was not found'* | *'does not exist'*) ;;
    *) die "$said" ;;
    esac
}
# A thing of ours says so in its description, from birth.
ours() { [[ "$1 " == "$2 "* ]]; }
