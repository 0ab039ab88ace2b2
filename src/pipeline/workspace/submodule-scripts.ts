/**
 * A function for the script that writes the files of a commit from an index: `modules` prints the input of
 * `readSubmodules`. Needs `LOOK_ANSWER`, in whose line the answer always fits.
 */
export const LIST_SUBMODULES = `modules() {
  case $(git ls-files -s -- .gitmodules) in 100*) ;; *) echo none; return ;; esac
  { git cat-file blob :.gitmodules | head -c 65536; printf '\\0'
    git ls-files -s -z | { grep -z '^160000 ' || true; } | head -z -n 200; } > "$G/modules"
  answer "$G/modules"
  rm "$G/modules"
}
`

/**
 * Writes a submodule into its folder, from uploaded packs, as its own repository, so that git and builds find the same as
 * in a clone. Files that setup left there stay. `$G/below` keeps the index with which later changes are compared.
 */
export const WRITE_SUBMODULE = `set -eu
at="$G/below/$M" folder="$W/$M"
rm -rf "$at"
mkdir -p "\${at%/*}"
git init --quiet --bare --template= "$at"
if [ -n "$SHALLOW" ]; then printf '%s' "$SHALLOW" > "$at/shallow"; fi
for first in "$INCOMING"/*.00000; do
  cat "\${first%00000}"* | git --git-dir="$at" index-pack --stdin >/dev/null
done
rm -rf "$INCOMING"
printf '%s\\n' "$SHA" > "$at/HEAD"
if [ -L "$folder" ] || { [ -e "$folder" ] && [ ! -d "$folder" ]; }; then rm -rf "$folder"; fi
rm -rf "$folder/.git"
mkdir -p "$folder/.git"
cp -al "$at/objects" "$folder/.git/objects" 2>/dev/null || { rm -rf "$folder/.git/objects"; cp -a "$at/objects" "$folder/.git/objects"; }
parts=("$at/HEAD" "$at/config" "$at/refs")
if [ -e "$at/shallow" ]; then parts+=("$at/shallow"); fi
cp -a "\${parts[@]}" "$folder/.git/"
# The last one of two counts.
printf '[core]\\n\\tbare = false\\n' >> "$folder/.git/config"
cd "$folder"
git read-tree "$SHA"
git checkout-index --all --force --quiet -u
cp -p .git/index "$at/index"
`

/**
 * A function for the script that lists changes: `below` succeeds if the folder of a submodule has files that its commit
 * neither contains nor ignores. Needs the same environment as `LOOK`.
 */
export const CHANGED_BELOW = `below() {
  [ -d "$1" ] && [ -n "$(find "$1" -mindepth 1 -name .git -prune -o -newer "$GIT_DIR/index" ! -type d -print -quit 2>/dev/null)" ] || return 1
  local at=$GIT_DIR/below/$1
  [ -f "$at/index" ] || return 0
  printf '%s' "$CONFIG" > "$at/config"
  [ -n "$(cd "$1" && GIT_DIR=$at GIT_COMMON_DIR=$at GIT_WORK_TREE=. GIT_INDEX_FILE=$at/index git ls-files -m -o --exclude-standard | head -c 1)" ]
}
`
