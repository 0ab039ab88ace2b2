import { ORDINARY_IN_DOT_FOLDERS, STEERING_FILES, type SteeringGroup } from './steering-files.ts'

/**
 * - `workflow`: runs with the repository's secrets as soon as it is pushed; never published.
 * - `protected`: steers people, agents, git, installs or CI; listed first, and a draft if it acts at once (`actsOnceMerged`).
 * - `build`: decides what an install or a build executes; named in a tainted run, otherwise judged by its contents.
 * - `ordinary`: everything else.
 */
type Protection = 'workflow' | 'protected' | 'build' | 'ordinary'

/** How carefully a change of this path must be handled. */
export function protectionOf(path: string): Protection {
  if (isWorkflow(path)) return 'workflow'
  const group = steeringGroup(path)
  if (group === undefined) return 'ordinary'
  return group === 'build' ? 'build' : 'protected'
}

/** Runs with the repository's secrets as soon as it is pushed. The start of the path says so. */
export function isWorkflow(path: string): boolean {
  const segments = path.slice(0, 200).split('/').filter(isSegment)
  const [first, second, third] = segments.slice(0, 3).map(foldName)
  return first === '.github' && second === 'workflows' && third !== undefined
}

/** What a file of this path steers by its name alone; undefined for ordinary files. Linear in the path's length. */
export function steeringGroup(path: string): SteeringGroup | undefined {
  const segments = foldedSegments(path)
  const found = firstRow(STEERING, segments)
  if (found === 'github' && firstRow(ORDINARY, segments) !== undefined) return undefined
  if (found !== undefined && found !== 'build') return found
  // Dot folders at the root hold the settings of tools that start on their own: more than any list knows.
  const isInDotFolder = segments.length > 1 && segments[0]?.startsWith('.') === true
  if (isInDotFolder && firstRow(ORDINARY, segments) === undefined) return 'other'
  return found
}

interface Rule<T> {
  readonly value: T
  /** Position in the list: the first rule that matches counts. */
  readonly order: number
  readonly isRooted: boolean
  readonly isFolder: boolean
  /** Folders in front of the last name. */
  readonly folders: readonly string[]
}

interface Rules<T> {
  /** By the last name of the pattern. */
  readonly byName: ReadonlyMap<string, readonly Rule<T>[]>
  readonly wildcards: readonly (Rule<T> & { readonly name: RegExp })[]
}

function compile<T>(rows: readonly { readonly value: T; readonly patterns: string }[]): Rules<T> {
  const byName = new Map<string, Rule<T>[]>()
  const wildcards: (Rule<T> & { readonly name: RegExp })[] = []
  for (const [order, { value, patterns }] of rows.entries()) {
    for (const pattern of patterns.split(/\s+/)) {
      const folders = pattern.split('/').filter((segment) => segment !== '')
      const name = folders.pop() ?? ''
      const shape = { isRooted: pattern.startsWith('/'), isFolder: pattern.endsWith('/'), folders }
      const rule = { value, order, ...shape }
      if (name.includes('*')) wildcards.push({ ...rule, name: wildcard(name) })
      else byName.set(name, [...(byName.get(name) ?? []), rule])
    }
  }
  return { byName, wildcards }
}

function wildcard(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.+?^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

function firstRow<T>({ byName, wildcards }: Rules<T>, segments: readonly string[]): T | undefined {
  let best: Rule<T> | undefined
  const consider = (rule: Rule<T>, at: number) => {
    const start = at - rule.folders.length
    if (start < 0 || (rule.isRooted && start > 0)) return
    if (!rule.folders.every((folder, index) => segments[start + index] === folder)) return
    if (best === undefined || rule.order < best.order) best = rule
  }
  const last = segments.length - 1
  for (const [at, segment] of segments.entries()) {
    for (const rule of byName.get(segment) ?? []) if (rule.isFolder === at < last) consider(rule, at)
  }
  // A longer name is refused by the gate, and patterns with a star need not be linear.
  const name = (segments[last] ?? '').slice(0, 255)
  for (const rule of wildcards) if (rule.name.test(name)) consider(rule, last)
  return best?.value
}

const STEERING = compile(STEERING_FILES.map(({ group, patterns }) => ({ value: group, patterns })))
const ORDINARY = compile([{ value: true, patterns: ORDINARY_IN_DOT_FOLDERS }])

/** A path as the most forgiving file system reads it: without case, Unicode form, ignored characters or tails. */
export function foldedSegments(path: string): readonly string[] {
  return path.split('/').filter(isSegment).map(foldName)
}

function isSegment(name: string): boolean {
  return name !== '' && name !== '.'
}

/** Letters of other scripts, each with the Latin one that a reader takes it for. */
const LOOK_ALIKES = new Map(
  (
    'аaсcԁdеeһhіiјjкkӏlмmнhоoрpԛqѕsтtуyѵvԝwхxѡwгrпnьbвbαaγyεeηnιiκkνvοoρpτtυuχxωwıiɡgɩiոnօoսuցgհh․.‐-‑-−-'.match(
      /../gu,
    ) ?? []
  ).map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
)

/**
 * One spelling for all that may open or be taken for the same name. HFS+ ignores joiners and marks of direction, NTFS
 * drops dots and spaces at the end and what follows a colon.
 */
function foldName(name: string): string {
  const folded = /^[!-~]*$/.test(name) ? name.toLowerCase() : foldUnicode(name)
  const stem = folded.split(':', 1)[0] ?? ''
  let end = stem.length
  while (stem[end - 1] === '.' || stem[end - 1] === ' ') end--
  return stem.slice(0, end)
}

function foldUnicode(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, (letter) => LOOK_ALIKES.get(letter) ?? letter)
}
