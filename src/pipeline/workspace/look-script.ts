import { BackspaceError } from '../../errors.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import { largeFilters } from './large-filters.ts'
import { ONLY_LOOKS } from './tree-watch.ts'
import { gitEnvironment, type Workspace } from './workspace.ts'

/** A plain configuration for Backspace's git directory, which replaces anything that code in the sandbox wrote there. */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tbare = false\n'

/** Bytes. Answers up to this size are returned in the output of the script, as base64. */
const INLINE_BYTES = 256 * 1024

/** Bytes of a list of names. */
const MAX_NESTED_BYTES = 600
/** Git answers within this time, except in the largest folders. */
const PATIENCE_SECONDS = 3

/**
 * The beginning of every script that compares the workspace with its commit. It sets `$s` to a directory for the script's
 * own files, and `$GIT_INDEX_FILE` to the base index: git's list of the commit's files, with the facts of the file system
 * about each one when it was known to be unchanged. Git compares these facts with `lstat` and reads only files for which
 * they differ, and only folders whose own time differs, so the cost depends on the number of changes. Code in the sandbox
 * can write to the list, so it counts only if it is the unchanged file that the host knows. Otherwise all files are read.
 * See docs/decisions/0018-what-the-host-trusts-of-a-tree.md.
 */
export const LOOK_BEGIN = `set -eu
cd "$GIT_WORK_TREE"
[ -d "$GIT_DIR/info" ] || mkdir -p "$GIT_DIR/info"
for own in config HEAD index packed-refs shallow info/exclude info/grafts info/sparse-checkout objects/info/alternates; do
  if [ -e "$GIT_DIR/$own" ] && [ ! -f "$GIT_DIR/$own" ]; then rm -rf "\${GIT_DIR:?}/$own"; fi
done
printf '%s' "$CONFIG" > "$GIT_DIR/config"
rm -rf "$GIT_DIR/info/attributes"
printf '%s\\n' "$BASE" > "$GIT_DIR/HEAD"
for left in hooks index.lock; do
  if [ -e "$GIT_DIR/$left" ] || [ -L "$GIT_DIR/$left" ]; then rm -rf "$GIT_DIR/$left"; fi
done
s=$(mktemp -d "$GIT_DIR/look.XXXXXX")
# Git waits for ever for a pipe with a name that it reads. To look for them takes long in a large folder, so that is done
# only if git seems to wait; then it gets to read an empty file, and what it finds does not count.
{ sleep() { read -rt "$1" _ <> "$s/pipes.clock" || true; }
  mkfifo "$s/pipes.clock"; trap - EXIT; sleep ${PATIENCE_SECONDS}
  while :; do
    find . -path ./.git -prune -o -type p \\( -name .gitattributes -o -name .gitignore -o -name .gitmodules \\) -print0 > "$s/pipes.all" || true
    while IFS= read -r -d '' pipe; do printf '%s\\0' "$pipe" >> "$s/pipes.met"; : 1<> "$pipe"; done < "$s/pipes.all"
    sleep 1
  done
} >/dev/null 2>&1 </dev/null &
waits=$!
trap 'kill "$waits" 2>/dev/null || true; rm -rf "$s"' EXIT
no_pipes() {
  if [ ! -s "$s/pipes.met" ]; then return; fi
  printf 'pipes '; sort -zu "$s/pipes.met" | head -c ${MAX_NESTED_BYTES} | base64 -w 0
  exit 0
}
export GIT_INDEX_FILE="$GIT_DIR/index"
use_index() {
  if [ -z "$INDEX" ] || [ "$(${indexFacts('$GIT_DIR/index')} 2>/dev/null)" != "$INDEX" ]; then
    export GIT_INDEX_FILE="$s/index"
    git read-tree "$TREE"
  fi
}
`

/**
 * Removes from `$s/changed` the files that are byte for byte what a checkout of the commit writes. Git reports such a file
 * as changed once it reads it, if its blob is not in the form that its attributes ask for (CRLF in a `text` file). The
 * attributes are those of the commit, since the folder is empty at first.
 */
export const DROP_UNCHANGED = `drop_unchanged() {
  if [ ! -s "$s/changed" ]; then return; fi
  if ! grep -qzE '(^|/)\\.gitattributes$' "$s/changed" &&
    [ -z "$(git ls-files -- .gitattributes '**/.gitattributes' | head -c 1)" ]; then return; fi
  local name was now mode
  rm -rf "$s/base"; mkdir "$s/base"
  ( cd "$s/base"; GIT_WORK_TREE=$s/base git checkout-index -z --stdin --quiet < "$s/changed" >/dev/null 2>&1 || true )
  : > "$s/pairs"; : > "$s/still"
  while IFS= read -r -d '' name; do
    was=$s/base/$name mode=0 now=0
    if [ -x "$was" ]; then mode=1; fi
    if [ -x "$name" ]; then now=1; fi
    if [ -f "$was" ] && [ ! -L "$was" ] && [ -f "$name" ] && [ ! -L "$name" ] && [ "$mode" = "$now" ] && [ -r "$name" ]; then
      # Names that \`--stdin-paths\` reads otherwise.
      case $name in
        '"'*|*$'\\n'*) if ! cmp -s "$was" "$name"; then printf '%s\\0' "$name" >&4; fi ;;
        *) printf '%s\\n' "$name" >&3 ;;
      esac
    else printf '%s\\0' "$name" >&4; fi
  done < "$s/changed" 3>> "$s/pairs" 4>> "$s/still"
  git hash-object --no-filters --stdin-paths < "$s/pairs" > "$s/now" || return 0
  ( cd "$s/base"; GIT_WORK_TREE=$s/base git hash-object --no-filters --stdin-paths < "$s/pairs" ) > "$s/was"
  while IFS= read -r name && IFS= read -r now <&5 && IFS= read -r was <&6; do
    if [ "$now" != "$was" ]; then printf '%s\\0' "$name"; fi
  done < "$s/pairs" 5< "$s/now" 6< "$s/was" >> "$s/still"
  mv -f "$s/still" "$s/changed"
}
`

/** @throws {BackspaceError} `publish_blocked` if a script that begins with `LOOK_BEGIN` answered by `no_pipes`. */
export function requireNoPipes(printed: string): void {
  const [, names] = /^pipes ([\w+/=]*)$/.exec(printed.trim()) ?? []
  if (names === undefined) return
  const [first = ''] = Buffer.from(names, 'base64').toString('utf8').split('\0')
  throw new BackspaceError(
    'publish_blocked',
    `${inlineCode(first.replace(/^\.\//, ''), 200)} is a pipe and not a file. Git waits for ever to read it, so the change could not be looked at and nothing was published. Ask again, without a pipe of that name.`,
  )
}

/** A command that identifies an index file: inode, size, and the times of its last change and modification. */
export function indexFacts(path: string): string {
  return `stat -c '%i %s %.9Z %.9Y' "${path}"`
}

/** Matches the output of `indexFacts`. */
export const INDEX_FACTS = /^\d+ \d+ \d+\.\d+ \d+\.\d+$/

/**
 * Finds the tree of the workspace and sets `$tree` to its id. `$nested` counts the repositories inside the workspace and
 * names the first ones in base64; they are left out, since git would record them as submodules. `$complete` is
 * `incomplete` when git could not read a file. If `$LOOKED` has a known tree, only the files in `$TOUCHED` are examined.
 *
 * The tree is made from the changed files and the ids of everything else, in a time that does not grow with the
 * repository. If that is not possible, git's whole index is written.
 */
export const LOOK = `${LOOK_BEGIN}${DROP_UNCHANGED}
# What git finds changed is stored as it is: the host makes the pointers of files in Git LFS, once it has their contents. Git stops
# at the first file that it cannot store, and then stores none.
add_some() {
  if [ "$2" = 0 ] || printf '%s\\0' "\${names[@]:$1:$2}" | git -c filter.lfs.clean= update-index -z --add --replace --stdin 2>/dev/null; then return; fi
  if [ "$2" = 1 ]; then complete=incomplete; printf '%s\\0' "\${names[$1]}" >> "$s/refused"; return; fi
  add_some "$1" $(($2 / 2))
  add_some $(($1 + $2 / 2)) $(($2 - $2 / 2))
}
# What the agent's own git only keeps out of the folder (\`git sparse-checkout\`) is not deleted: \`git add\` keeps it as well.
keep_sparse() {
  if [ ! -s "$s/gone" ] || [ ! -f .git/index ] || [ ! -f .git/info/sparse-checkout ]; then return; fi
  GIT_INDEX_FILE=$GIT_WORK_TREE/.git/index git ls-files -tz 2>/dev/null | sed -zn 's/^S //p' | LC_ALL=C sort -z > "$s/sparse"
  LC_ALL=C sort -z "$s/gone" | LC_ALL=C comm -z -23 - "$s/sparse" > "$s/really"
  mv -f "$s/really" "$s/gone"
}
add_changed() { : > "$s/refused"; mapfile -d '' names < "$s/changed"; add_some 0 "\${#names[@]}"; }
new_tree() {
  if [ -e "$s/few" ]; then rm "$s/few"; fi
  # Whether \`text=auto\` takes the line ends of a file depends on what is in the index.
  xargs -0 -r git --literal-pathspecs ls-tree -z "$TREE" -- < "$s/changed" | { grep -z '^100' || true; } > "$s/known"
  GIT_INDEX_FILE="$s/few" git update-index -z --index-info < "$s/known"
  GIT_INDEX_FILE="$s/few" add_changed
  GIT_INDEX_FILE="$s/few" git ls-files -s > "$s/entries"
  { printf 'commit refs/backspace/look\\ncommitter B <b@b> 0 +0000\\ndata 0\\nM 040000 %s ""\\n' "$1"
    while IFS= read -r -d '' name; do
      case $name in '"'*|*$'\\n'*) return 1 ;; esac
      printf 'D %s\\n' "$name"
    done < "$s/gone"
    # Mode and id, then the number of the stage and a tab, then the name.
    while IFS= read -r entry; do printf 'M %s %s\\n' "\${entry:0:47}" "\${entry:50}"; done < "$s/entries"
    # Prints the tree that came out: mode, kind, id, and an empty name.
    printf 'ls ""\\ndone\\n'; } > "$s/stream"
  local made
  made=$(git fast-import --quiet --force --done < "$s/stream" 2>/dev/null) || return 1
  case $made in '040000 tree '*) tree=\${made:12:40} ;; *) return 1 ;; esac
}
look_at_touched() {
  : > "$s/changed"; : > "$s/gone"
  while IFS= read -r name; do
    case $(git ls-tree "$tree" "$name") in 100*) printf '%s\\0' "$name" >> "$s/changed" ;; *) return 1 ;; esac
  done <<< "$TOUCHED"
  new_tree "$tree"
}
look_at_all() {
  complete=complete nested=0 tree=$TREE
  use_index
  GIT_OPTIONAL_LOCKS=0 git status --porcelain -z --no-renames --ignore-submodules=dirty --untracked-files=normal > "$s/status" 2>/dev/null
  : > "$s/folders"; : > "$s/changed"; : > "$s/gone"
  while IFS= read -r -d '' line; do
    case $line in
      '?? '*/) printf '%s\\0' "\${line:3}" >&3 ;;
      ?'D '*)
        printf '%s\\0' "\${line:3}" >&5
        # A folder where a file was is not listed.
        if [ -d "\${line:3}" ] && [ ! -L "\${line:3}" ]; then printf '%s/\\0' "\${line:3}" >&3; fi ;;
      ?' '*) ;;
      *) printf '%s\\0' "\${line:3}" >&4 ;;
    esac
  done < "$s/status" 3>> "$s/folders" 4>> "$s/changed" 5>> "$s/gone"
  if [ -s "$s/folders" ]; then
    GIT_LITERAL_PATHSPECS=1 xargs -0 -r git ls-files -z --others --exclude-standard -- < "$s/folders" > "$s/inside"
    while IFS= read -r -d '' name; do
      case $name in
        */) nested=$((nested + 1)); printf '%s\\0' "$name" >&5 ;;
        *) printf '%s\\0' "$name" >&4 ;;
      esac
    done < "$s/inside" 4>> "$s/changed" 5> "$s/nested"
    if [ "$nested" -gt 0 ]; then nested=$nested:$(head -c ${MAX_NESTED_BYTES} "$s/nested" | base64 -w 0); fi
  fi
  keep_sparse
  drop_unchanged
  if [ ! -s "$s/gone" ] && [ ! -s "$s/changed" ]; then return; fi
  new_tree "$TREE" || write_whole_index
}
write_whole_index() {
  if [ "$GIT_INDEX_FILE" != "$s/index" ]; then cp -p "$GIT_INDEX_FILE" "$s/index"; export GIT_INDEX_FILE="$s/index"; fi
  # First what is gone: a folder may be where a file was.
  if [ -s "$s/gone" ]; then git update-index -z --force-remove --stdin < "$s/gone"; fi
  add_changed
  tree=$(git write-tree)
}
: > "$s/refused"
tree=
if [ -n "$LOOKED" ]; then
  read -r tree complete nested <<< "$LOOKED"
  if ! git cat-file -e "$tree^{tree}" 2>/dev/null; then tree=
  elif [ -n "$TOUCHED" ] && ! look_at_touched; then tree=; fi
fi
if [ -z "$tree" ]; then look_at_all; fi
no_pipes
looked="$tree $complete $nested"
`

/** Prints the file `$1`, or moves it to `$ANSWER` if it is large; see `readAnswer`. */
export const LOOK_ANSWER = `answer() {
  if [ "$(stat -c %s "$1")" -le ${INLINE_BYTES} ]; then printf 'inline '; base64 -w 0 < "$1"; echo
  else mv -f "$1" "$ANSWER"; echo file; fi
}
`

/**
 * The environment of these scripts. It sets `GIT_COMMON_DIR` and switches replaced objects off, because files in the git
 * directory could otherwise set them.
 */
export function lookEnvironment(workspace: Workspace): Readonly<Record<string, string>> {
  const { base, path, gitDir, index, watch } = workspace
  const known = watch?.known()
  return {
    ...gitEnvironment([['core.untrackedCache', 'true'], ...largeFilters(gitDir)]),
    ...ONLY_LOOKS,
    GIT_DIR: gitDir,
    GIT_COMMON_DIR: gitDir,
    GIT_WORK_TREE: path,
    GIT_NO_REPLACE_OBJECTS: '1',
    CONFIG,
    BASE: base.sha,
    TREE: base.tree,
    INDEX: index,
    LOOKED: known?.looked ?? '',
    TOUCHED: known?.touched.join('\n') ?? '',
  }
}
