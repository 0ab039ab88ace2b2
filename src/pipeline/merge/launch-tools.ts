/**
 * The beginning of a script that regenerates a lock file, in the folder of that file. It finds tools that setup installed
 * beside the project. A tool that the sandbox lacks, or has in another release line than `packageManager` names, comes
 * from its registry, as in setup. The script exits with 127 when a tool cannot be had.
 */
export const LAUNCH_TOOLS = `named=$(sed -n 's/^.*"packageManager" *: *"\\([a-z]*@[0-9][0-9A-Za-z.-]*\\).*$/\\1/p' package.json 2>/dev/null | head -n 1)
line=\${named#*@}
if [ -d .venv/bin ]; then PATH="$PATH:$PWD/.venv/bin"; fi
lacks() {
  if ! command -v "$1" >/dev/null 2>&1; then return 0; fi
  case $named in "$1"@*) [ "\${line%%.*}" != "$("$1" --version 2>/dev/null | cut -d . -f 1)" ] ;; *) return 1 ;; esac
}
asked() { case $named in "$1"@*) printf '%s' "$named" ;; *) printf '%s' "$1" ;; esac; }
if lacks pnpm; then pnpm() { npx --yes "$(asked pnpm)" "$@"; }; fi
if lacks bun; then bun() { npx --yes "$(asked bun)" "$@"; }; fi
if lacks yarn; then
  # Yarn 2 and later are not published as \`yarn\`.
  case $(asked yarn) in
    yarn@[01].*) of= ;;
    yarn@*) of=@\${line} ;;
    *) if [ -e .yarnrc.yml ]; then of=@latest; else of=; fi ;;
  esac
  if [ -n "$of" ]; then yarn() { npx --yes -p "@yarnpkg/cli-dist$of" yarn "$@"; }
  else yarn() { npx --yes "$(asked yarn)" "$@"; }; fi
fi
from_pip() {
  command -v python3 >/dev/null 2>&1 || return 127
  # pdm 2.29 takes any version of hishel, and fails to start with the second.
  if [ "$1" = pdm ]; then with='hishel<2'; else with=; fi
  if [ ! -e "$at/bin/$1" ]; then python3 -m venv "$at" && "$at/bin/python" -m pip install --quiet "$1" \${with:+"$with"} || return; fi
  "$at/bin/$@"
}
at=$(mktemp -d); trap 'rm -rf "$at"' EXIT
if lacks uv; then uv() { from_pip uv "$@"; }; fi
if lacks poetry; then poetry() { from_pip poetry "$@"; }; fi
if lacks pdm; then pdm() { from_pip pdm "$@"; }; fi
if lacks pipenv; then pipenv() { from_pip pipenv "$@"; }; fi
`
