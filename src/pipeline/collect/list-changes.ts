import { BackspaceError } from '../../errors.ts'
import { LOOK, LOOK_ANSWER, lookEnvironment, requireNoPipes } from '../workspace/look-script.ts'
import { readAnswer } from '../workspace/read-answer.ts'
import { CHANGED_BELOW } from '../workspace/submodule-scripts.ts'
import { sameAs } from '../workspace/tree-watch.ts'
import { runInSandbox, type Workspace } from '../workspace/workspace.ts'
import { parseRawChanges, type RawChange, unreadableList } from './raw-changes.ts'

interface ListRequest {
  /** Tree id of the last list; if the workspace still has this tree, nothing else is read. */
  readonly known: string
  /** The most files, bytes of a file, and bytes of all files that are read. */
  readonly limits: { readonly files: number; readonly fileBytes: number; readonly totalBytes: number }
  /** Folders of submodules, whose files git does not list. */
  readonly submodules: readonly string[]
  readonly signal: AbortSignal
}

/** The changes according to git in the sandbox; nothing in them is verified yet. */
export interface ListedChanges {
  /** Tree id of the whole workspace. */
  readonly tree: string
  /** Nested repositories in the workspace, which are left out: their number, and the names of the first ones. */
  readonly nested: { readonly count: number; readonly names: readonly string[] }
  /** Undefined when the tree equals the known one. */
  readonly found: FoundChanges | undefined
}

interface FoundChanges {
  readonly changes: readonly RawChange[]
  /** Renames that git found by similarity. */
  readonly similar: readonly RawChange[]
  /** Size of each blob before and after. */
  readonly sizes: ReadonlyMap<string, number>
  /** The blobs within the limits, in the format of `git cat-file --batch`. */
  readonly blobs: Uint8Array
  /** Paths that git could not store: unreadable files, or files that are not in the encoding of their attributes. */
  readonly unstored: readonly string[]
  /** Paths with the attribute `filter=lfs`, each with the blob id of the file's own content; empty if it is no file. */
  readonly large: ReadonlyMap<string, string>
  /** Paths of submodules in whose folders files were written. */
  readonly submodules: readonly string[]
}

const MAX_LIST_BYTES = 16 * 1024 * 1024
/** Bytes of the names of files that git cannot store, which only people read. */
const MAX_REFUSED_BYTES = 16 * 1024

/**
 * Prints everything in one answer: a line with the sizes of the parts, then the parts. The shell itself reads the list,
 * since starting a program takes longer than reading the few lines of an ordinary change.
 */
const LIST = `${LOOK}${LOOK_ANSWER}${CHANGED_BELOW}
echo "$looked"
: > "$s/below"
while IFS= read -r module; do
  if [ -n "$module" ] && below "$module"; then printf '%s\\0' "$module"; fi
done <<< "$SUBMODULES" > "$s/below"
if [ "$tree" = "$KNOWN" ] && [ ! -s "$s/refused" ] && [ ! -s "$s/below" ]; then exit 0; fi
git diff-tree -r --raw -z --no-abbrev --no-renames --ignore-submodules=none "$TREE" "$tree" > "$s/changes"
if [ "$(stat -c %s "$s/changes")" -gt "$MAX_LIST" ]; then echo too_long; exit 0; fi
git diff-tree -r --raw -z --no-abbrev -M -l2000 --diff-filter=R "$TREE" "$tree" > "$s/renames"
: > "$s/sizes"; : > "$s/blobs"
git diff-tree -r -z --name-only --no-renames --diff-filter=d "$TREE" "$tree" | git check-attr -z --stdin filter > "$s/filters"
# Git LFS takes a file as it is, whatever the line ends that git would store.
while IFS= read -r -d '' name && IFS= read -r -d '' attribute && IFS= read -r -d '' value; do
  if [ "$value" != lfs ]; then continue; fi
  sha=
  if [ -f "$name" ] && [ ! -L "$name" ]; then sha=$(git hash-object -w --no-filters -- "$name" || true); fi
  if [ -n "$sha" ]; then printf '%s\\n' "$sha" >&3; fi
  printf '%s %s\\0' "$sha" "$name"
done < "$s/filters" > "$s/large" 3> "$s/large.ids"
count=0
declare -A seen=()
while [ "$count" -le "$MAX_FILES" ] && IFS= read -r -d '' change && IFS= read -r -d '' name; do
  count=$((count + 1))
  for sha in "\${change:15:40}" "\${change:56:40}"; do
    if [ -z "\${seen[$sha]-}" ]; then seen[$sha]=1; case $sha in *[!0]*) printf '%s\\n' "$sha" ;; esac; fi
  done
done < "$s/changes" > "$s/objects"
if [ -s "$s/large.ids" ]; then sort -u "$s/objects" "$s/large.ids" -o "$s/objects"; fi
if [ "$count" -le "$MAX_FILES" ]; then
  git cat-file --batch-check='%(objecttype) %(objectname) %(objectsize)' < "$s/objects" > "$s/found"
  total=0
  while read -r type sha bytes; do
    if [ "$type" != blob ]; then continue; fi
    printf '%s %s\\n' "$sha" "$bytes" >&3
    if [ "$bytes" -le "$MAX_BYTES" ] && [ $((total + bytes)) -le "$MAX_TOTAL" ]; then
      total=$((total + bytes)); printf '%s\\n' "$sha"
    fi
  done < "$s/found" > "$s/wanted" 3> "$s/sizes"
  git cat-file --batch < "$s/wanted" > "$s/blobs"
fi
head -c "$MAX_REFUSED" "$s/refused" > "$s/unstored"
parts=("$s/changes" "$s/renames" "$s/sizes" "$s/blobs" "$s/unstored" "$s/large" "$s/below")
sizes=$(stat -c %s "\${parts[@]}")
{ printf '%s\\n' "\${sizes//[[:space:]]/ }"; cat "\${parts[@]}"; } > "$s/answer"
answer "$s/answer"
`

/**
 * Compares the workspace with the base commit. It uses Backspace's own git directory, index and environment, so that the
 * agent's changes to `.git`, git's configuration or `.gitattributes` have no effect.
 *
 * @throws {BackspaceError} `change_too_large`, `publish_blocked`, `tree_mismatch`
 */
export async function listChanges(
  workspace: Workspace,
  { known, limits, submodules, signal }: ListRequest,
): Promise<ListedChanges> {
  const { sandbox, gitDir, watch } = workspace
  signal.throwIfAborted()
  const same = sameAs(watch, known)
  if (same !== undefined) return { ...readHead(same), found: undefined }
  const done = watch?.beginLook()
  const path = `${gitDir}/collected`
  const printed = await runInSandbox(sandbox, LIST, {
    signal,
    timeoutMs: 300_000,
    env: {
      ...lookEnvironment(workspace),
      ANSWER: path,
      KNOWN: known,
      SUBMODULES: submodules.join('\n'),
      MAX_LIST: String(MAX_LIST_BYTES),
      MAX_REFUSED: String(MAX_REFUSED_BYTES),
      MAX_FILES: String(limits.files),
      MAX_BYTES: String(limits.fileBytes),
      MAX_TOTAL: String(limits.totalBytes),
    },
    code: 'tree_mismatch',
    failure: 'What the agent changed could not be compared with the commit it started from. Try again.',
  })
  requireNoPipes(printed)
  const [head = '', given = ''] = printed.split('\n')
  const facts = readHead(head)
  done?.(head)
  if (given === '') {
    if (facts.tree !== known) throw unreadableList()
    return { ...facts, found: undefined }
  }
  if (given === 'too_long') {
    throw new BackspaceError(
      'change_too_large',
      'The list of changed files is too long to read. If the files are generated, add them to .gitignore and try again.',
    )
  }
  return { ...facts, found: parseAnswer(await readAnswer(sandbox, given, { path, signal }), limits) }
}

/** @param head the first line that the script prints. */
function readHead(head: string): Omit<ListedChanges, 'found'> {
  const [, tree, count, names = ''] =
    /^([0-9a-f]{40}) (?:complete|incomplete) (\d+)(?::([\w+/=]+))?$/.exec(head) ?? []
  if (!tree || !count) throw unreadableList()
  // The last name may be incomplete.
  const whole = Buffer.from(names, 'base64').toString('utf8').split('\0').slice(0, -1)
  return { tree, nested: { count: Number(count), names: whole } }
}

/** At most three blobs per file, each with a line of an id (41 characters) and a number. */
const SIZES_PER_FILE = 3 * 64

function parseAnswer(answer: Uint8Array, { files }: ListRequest['limits']): FoundChanges {
  const start = answer.subarray(0, 100).indexOf(0x0a) + 1
  const sizes = Buffer.from(answer.subarray(0, start)).toString('latin1').trim().split(' ').map(Number)
  let position = start
  const [changes, similar, blobSizes, blobs, unstored, large, below] = sizes.map((size) => {
    position += size
    return answer.subarray(position - size, position)
  })
  if (
    !changes ||
    !similar ||
    !blobSizes ||
    !blobs ||
    !unstored ||
    !large ||
    !below ||
    position !== answer.length
  )
    throw unreadableList()
  if (blobSizes.length > files * SIZES_PER_FILE) throw unreadableList()
  return {
    changes: parseRawChanges(changes, files),
    similar: parseRawChanges(similar, files),
    sizes: parseSizes(Buffer.from(blobSizes).toString('latin1')),
    blobs,
    unstored: namesIn(unstored),
    large: new Map(namesIn(large).map(readLarge)),
    submodules: namesIn(below),
  }
}

function namesIn(list: Uint8Array): readonly string[] {
  return Buffer.from(list).toString('utf8').split('\0').slice(0, -1)
}

function readLarge(line: string): readonly [string, string] {
  const [, sha, name] = /^((?:[0-9a-f]{40})?) ([\s\S]+)$/.exec(line) ?? []
  if (sha === undefined || name === undefined) throw unreadableList()
  return [name, sha]
}

function parseSizes(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const [, sha, size] = /^([0-9a-f]{40}) (\d{1,12})$/.exec(line) ?? []
      if (!sha || !size) throw unreadableList()
      return [sha, Number(size)]
    }),
  )
}
