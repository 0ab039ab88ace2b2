import { createReadStream } from 'node:fs'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { LfsObject } from '../../github/lfs-batch.ts'
import { counted, mebibytes } from '../../text/amounts.ts'
import { showPath } from '../../text/show-path.ts'
import type { BuiltWorkspace } from '../workspace/build-workspace.ts'
import { largeFilters, largeStore } from '../workspace/large-filters.ts'
import { indexFacts } from '../workspace/look-script.ts'
import {
  type Base,
  gitEnvironment,
  type LargeFacts,
  runInSandbox,
  type Workspace,
} from '../workspace/workspace.ts'
import { type LargeObjects, NO_ANSWER } from './large-objects.ts'
import { type LargePointer, readPointers } from './read-pointers.ts'

export interface LargeWish {
  readonly access: RepositoryAccess
  readonly signal: AbortSignal
  readonly objects: LargeObjects
  /** The most bytes of all contents together. */
  readonly mostBytes: number
  /** For a clean room, in which parts of a change are reverted: contents of the change, and pointers before it. */
  readonly ofChange?: LargeOfChange | undefined
  /** Ids of contents that the sandbox has already. Default: none. */
  readonly present?: ReadonlySet<string> | undefined
}

export interface LargeOfChange {
  readonly given: ReadonlyMap<string, Uint8Array>
  readonly before: readonly LargePointer[]
}

const FILTER_NAMES = largeFilters('').map(([name]) => name)
const PART_BYTES = 4 * 1024 * 1024
const SHOWN = 5
const MIB = 1024 ** 2

/** Git itself writes the files, so that it takes them as unchanged. For a repeated `-c` setting, git uses the last one. */
const WRITE = `set -eu
cd "$W"
for first in "$STORE"/*.00000; do
  name=\${first%.00000}
  cat "$name".* > "$STORE/part"
  rm "$name".*
  mv "$STORE/part" "$name"
  # Where Git LFS itself looks, if the sandbox has it. Objects are never changed in place.
  oid=\${name##*/}
  own=.git/lfs/objects/\${oid:0:2}/\${oid:2:2}
  mkdir -p "$own"
  ln "$name" "$own/$oid" 2>/dev/null || cp "$name" "$own/$oid"
done
${FILTER_NAMES.map((name, number) => `git config ${name} "$FILTER_${number}"`).join('\n')}
cat > "$STORE/files"
xargs -0 -r rm -f -- < "$STORE/files"
GIT_INDEX_FILE="$G/index" git checkout-index -z --stdin --force --quiet -u < "$STORE/files"
rm "$STORE/files"
cp -p "$G/index" .git/index
${indexFacts('$G/index')}
`

/**
 * Does the work of `git lfs pull`, within the limit: the host fetches the contents, and git in the sandbox writes them.
 * Call it before any code of the repository runs in the sandbox.
 *
 * @returns the workspace, with facts for people and the agent on which files are there.
 */
export async function bringLargeFiles(built: BuiltWorkspace, wish: LargeWish): Promise<BuiltWorkspace> {
  const pointers = built.pointers ? await readPointers(built.pointers) : []
  const { given = new Map<string, Uint8Array>(), before = [] } = wish.ofChange ?? {}
  if (pointers.length + before.length + given.size === 0) return built
  const { brought, left } = await decide([...pointers, ...before], built.base, wish)
  const contents = new Map<string, Content>([
    ...given,
    ...brought.map(({ oid, content }) => [oid, content] as const),
  ])
  const there = new Set(pointers.map(({ path, oid }) => `${oid} ${path}`))
  const isThere = ({ path, oid }: LargePointer) => there.has(`${oid} ${path}`)
  const files = brought.filter(isThere)
  for (const oid of wish.present ?? []) contents.delete(oid)
  const fresh = files.filter(({ oid }) => contents.has(oid))
  const index = contents.size === 0 ? built.index : await write(built, { contents, files: fresh }, wish)
  return { ...built, index, large: describe(files, left.filter(isThere)) }
}

/** Ids of the contents in a sandbox. Code in the sandbox could fake them, but would only harm itself. */
export async function presentIn({ sandbox, gitDir }: Workspace, signal: AbortSignal): Promise<Set<string>> {
  const names = await runInSandbox(sandbox, 'if [ -d "$STORE" ]; then ls "$STORE"; fi', {
    signal,
    env: { ...gitEnvironment(), STORE: largeStore(gitDir) },
    code: 'clone_failed',
    failure: 'The files in Git LFS could not be listed in the sandbox.',
  })
  return new Set(names.split('\n').filter((name) => /^[0-9a-f]{64}$/.test(name)))
}

/** The path of a file on the host, or its bytes. */
type Content = string | Uint8Array

interface Brought extends LargePointer {
  readonly content: Content
}

interface Left extends LargePointer {
  readonly why: string
}

async function decide(
  pointers: readonly LargePointer[],
  { sha, fork }: Pick<Base, 'sha' | 'fork'>,
  { access, signal, objects, mostBytes, ofChange }: LargeWish,
): Promise<{ readonly brought: readonly Brought[]; readonly left: readonly Left[] }> {
  const given = ofChange?.given ?? new Map<string, Uint8Array>()
  const request = { access, sha, fork, signal }
  const config = await objects.config(request)
  const reasons = new Map<LargePointer, string>()
  const fetched = new Map<string, LfsObject>()
  let bytes = 0
  // Small files first, so that as many as possible fit into the limit.
  for (const pointer of pointers.toSorted((one, other) => one.size - other.size)) {
    const { oid, size, path } = pointer
    if (given.has(oid)) continue
    if (config.elsewhere)
      reasons.set(pointer, '`.lfsconfig` names another server, to which Backspace sends nothing')
    else if (!config.isFetched(path)) reasons.set(pointer, '`.lfsconfig` leaves it out')
    else if (!fetched.has(oid) && bytes + size > mostBytes) reasons.set(pointer, tooMuch(mostBytes))
    else {
      if (!fetched.has(oid)) bytes += size
      fetched.set(oid, { oid, size })
    }
  }
  const found = fetched.size === 0 ? new Map() : await objects.get([...fetched.values()], request)
  const brought: Brought[] = []
  const left: Left[] = []
  for (const pointer of pointers) {
    const content = given.get(pointer.oid) ?? found.get(pointer.oid)?.file
    const why = reasons.get(pointer) ?? found.get(pointer.oid)?.why
    if (content !== undefined && !reasons.has(pointer)) brought.push({ ...pointer, content })
    else left.push({ ...pointer, why: why ?? NO_ANSWER })
  }
  return { brought, left }
}

async function write(
  { sandbox, path, gitDir }: BuiltWorkspace,
  {
    contents,
    files,
  }: { readonly contents: ReadonlyMap<string, Content>; readonly files: readonly LargePointer[] },
  { signal }: Pick<LargeWish, 'signal'>,
): Promise<string> {
  const store = largeStore(gitDir)
  for (const [oid, content] of contents) {
    let part = 0
    for await (const bytes of partsOf(content)) {
      const name = `${oid}.${String(part).padStart(5, '0')}`
      await sandbox.writeFile(`${store}/${name}`, bytes, { signal, isNew: true })
      part++
    }
  }
  const printed = await runInSandbox(sandbox, WRITE, {
    signal,
    stdin: Buffer.from(files.map((file) => `${file.path}\0`).join('')),
    timeoutMs: 300_000,
    env: {
      ...gitEnvironment(largeFilters(gitDir)),
      G: gitDir,
      W: path,
      STORE: store,
      ...Object.fromEntries(
        largeFilters(gitDir, true).map(([, value], number) => [`FILTER_${number}`, value]),
      ),
    },
    code: 'clone_failed',
    failure: 'The files in Git LFS could not be written in the sandbox.',
  })
  return printed.trim().split('\n').at(-1) ?? ''
}

async function* partsOf(content: Content): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield* createReadStream(content, { highWaterMark: PART_BYTES })
  else for (let at = 0; at < content.length; at += PART_BYTES) yield content.subarray(at, at + PART_BYTES)
}

function tooMuch(mostBytes: number): string {
  if (mostBytes === 0) return 'the operator lets none be fetched (`BACKSPACE_MAX_LFS_MEGABYTES`)'
  return `with the smaller ones they are more than ${sizeText(mostBytes)} (\`BACKSPACE_MAX_LFS_MEGABYTES\`)`
}

/** Describes for people and the agent which files are there. Names come from the repository and are not trusted. */
function describe(brought: readonly Brought[], left: readonly Left[]): LargeFacts {
  const bytes = brought.reduce((sum, { size }) => sum + size, 0)
  const here =
    brought.length === 0
      ? []
      : [
          `${counted(brought.length, 'file')} of Git LFS with ${brought.length === 1 ? 'its' : 'their'} content (${sizeText(bytes)})`,
        ]
  const reasons = [...Map.groupBy(left, ({ why }) => why)].map(([why, files]) => {
    const names = files.slice(0, SHOWN).map(({ path }) => showPath(path))
    const more = files.length > SHOWN ? ` and ${files.length - SHOWN} more` : ''
    return `${names.join(', ')}${more}: ${why}`
  })
  const missing =
    left.length === 0
      ? []
      : [
          `${counted(left.length, 'file')} of Git LFS ${left.length === 1 ? 'is a pointer' : 'are pointers'} (${reasons.join('; ')})`,
        ]
  return { here: here[0], missing: missing[0] }
}

function sizeText(bytes: number): string {
  return bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : mebibytes(bytes)
}
