# shellcheck shell=bash
# What the scripts here share; sourced, never run.

# Says what is going on, apart from the output of the tools.
say() { printf '%s\n' "── $*" >&2; }

# Ends the script with a reason.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need COMMAND PACKAGE: the command, installed from Debian's packages where it is missing.
need() {
    local command=$1 package=$2
    command -v "$command" >/dev/null && return
    command -v apt-get >/dev/null || die "\`$command\` is needed; install it (Debian's package is \`$package\`)"
    local become=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "\`$command\` is needed; install Debian's package \`$package\`"
        become=(sudo)
    fi
    say "installing $package for \`$command\`"
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    command -v "$command" >/dev/null || die "\`$package\` is installed, but \`$command\` is still missing"
}

# cargo_tool NAME VERSION [BINARY]: a cargo subcommand under CARGO_INSTALL_ROOT or target/tools,
# built there once.
cargo_tool() {
    local name=$1 version=$2 binary=${3:-$1} root=${CARGO_INSTALL_ROOT:-$PWD/target/tools}
    export PATH="$root/bin:$PATH"
    if command -v "$binary" >/dev/null; then return; fi
    say "building $name $version (once)"
    # Outside the workspace's profile and lock file, but with its own.
    cargo install --locked --quiet --root "$root" --target-dir "$root/build" "$name@$version"
    rm -rf "$root/build"
}
