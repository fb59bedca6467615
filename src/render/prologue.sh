set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

