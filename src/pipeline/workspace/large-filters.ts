/**
 * Turns a file into a pointer before git stores it, like Git LFS. A pointer and an empty file stay as they are.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
const CLEAN = `f=$(mktemp); trap 'rm -f "$f"' EXIT; cat > "$f"; n=$(stat -c %s "$f")
if [ "$n" -eq 0 ] || { [ "$n" -lt 1024 ] && head -n 1 "$f" | grep -Eq '^version https://(git-lfs|hawser)[.]github[.]com/spec/v1'; }
then cat "$f"
else o=$(sha256sum < "$f" | head -c 64)
if [ -n "$STORE" ] && [ ! -f "$STORE/$o" ]; then mkdir -p "$STORE"; cp "$f" "$STORE/$o.$$"; mv "$STORE/$o.$$" "$STORE/$o"; fi
printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize %s\\n' "$o" "$n"; fi`

/** Turns a pointer into the content when git writes the file, if the content is there. */
const SMUDGE = `f=$(mktemp); trap 'rm -f "$f"' EXIT; cat > "$f"; o=
if [ "$(stat -c %s "$f")" -lt 1024 ]; then o=$(sed -n 's/^oid sha256:\\([0-9a-f]\\{64\\}\\)\\r\\{0,1\\}$/\\1/p' "$f" | head -n 1); fi
if [ -n "$o" ] && [ -f "$STORE/$o" ]; then cat "$STORE/$o"; else cat "$f"; fi`

/** The folder of contents in a sandbox, each named by its id. @param gitDir Backspace's own git directory. */
export function largeStore(gitDir: string): string {
  return `${gitDir}/lfs`
}

/**
 * Settings that make git do the work of Git LFS, which few sandboxes have, with the contents that the host provided.
 * Nothing is fetched or sent.
 *
 * @param keeps true for the agent's git, so that contents which it stages or stashes can be restored. Default: false.
 */
export function largeFilters(gitDir: string, keeps = false): readonly (readonly [string, string])[] {
  const store = `'${largeStore(gitDir)}'`
  return [
    ['filter.lfs.required', 'false'],
    ['filter.lfs.smudge', `STORE=${store}; ${SMUDGE}`],
    ['filter.lfs.clean', `STORE=${keeps ? store : ''}; ${CLEAN}`],
  ]
}

/**
 * Functions for scripts that write the files of a commit from an index. `asks` finds out which costly attributes are used;
 * `large` prints the files that are pointers, for `readPointers`. Needs `LOOK_ANSWER`.
 */
export const LIST_POINTERS = `asks() {
  asked=$(git grep -hoF --cached -e working-tree-encoding -e filter=lfs -- .gitattributes '**/.gitattributes' | sort -u || true)
}
large() {
  case $asked in *filter=lfs*) ;; *) echo none; return ;; esac
  git ls-files -s -z -- ':(attr:filter=lfs)' | head -z -n 10000 > "$G/large"
  tr '\\0' '\\n' < "$G/large" | cut -c 8-47 | sort -u | { grep -Ex '[0-9a-f]{40}' || true; } > "$G/large.ids"
  printf '\\0' >> "$G/large"
  git cat-file --batch-check='%(objecttype) %(objectname) %(objectsize)' < "$G/large.ids" |
    { grep -E '^blob [0-9a-f]{40} [0-9]{2,3}$' || true; } | cut -c 6-45 | git cat-file --batch >> "$G/large"
  rm "$G/large.ids"
  answer "$G/large"
}
`
