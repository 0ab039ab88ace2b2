import { countMatches, type GuardFinding, type ReadChange, type ReadFile } from '../change/guarded-change.ts'

/** Matches a snapshot that holds an error or no value. */
const HOLDS_NOTHING =
  /^exports\[`.{1,400}`\] = `(?:\[?\w{0,40}Error\b.{0,400}|undefined|null|NaN|""|\[\]|\{\}|Promise \{\}|\[object Object\])`;$/
/** The most lines that are searched in other files. */
const MOST_LINES = 2000
const SNAPSHOT_ENTRY = /^exports\[`/

/** Captures the name of a member of a snapshot whose value is an error or no number. */
const NOTHING =
  /^\s*["']?([\w $.-]{1,80})["']?:\s*(?:NaN|\[\w{0,40}Error\b.{0,200}\]|"\[object Object\]"|Promise \{\}),?$/

/** True if a member that had a value holds an error, or is not a number. */
function losesValues({ added, removed }: Pick<ReadFile, 'added' | 'removed'>): boolean {
  const names = new Set(added.flatMap((line) => NOTHING.exec(line)?.[1] ?? []))
  if (names.size === 0) return false
  return removed.some((line) => {
    const name = /^\s*["']?([\w $.-]{1,80})["']?:\s*[^\s]/.exec(line)?.[1]
    return name !== undefined && names.has(name) && !NOTHING.test(line)
  })
}

/** Reports snapshots that are gone or hold nothing while their tests remain. */
export function lostSnapshots(
  { file, removed, added }: ReadFile,
  change: ReadChange,
): readonly GuardFinding[] {
  if (!/\.snap$/.test(file.path)) return []
  if (added.some((line) => HOLDS_NOTHING.test(line)) && !removed.some((line) => HOLDS_NOTHING.test(line)))
    return [{ text: `\`${file.path}\` holds an error, or nothing, where a value was`, weight: 'reason' }]
  if (losesValues({ added, removed }))
    return [{ text: `\`${file.path}\` holds an error, or nothing, where a value was`, weight: 'reason' }]
  const lost = removed.filter(
    (line, at) => SNAPSHOT_ENTRY.test(line) && (at > MOST_LINES || !isOfChanged(line, file.path, change)),
  )
  const fewer = lost.length - countMatches(added, SNAPSHOT_ENTRY)
  if (fewer <= 0) return []
  const text = `\`${file.path}\` has ${fewer} fewer ${fewer === 1 ? 'snapshot' : 'snapshots'} than before, and the tests of them remain`
  return [{ text, weight: 'reason' }]
}

/**
 * True if the input of the snapshot is deleted as well, or a removed line of its test mentions that input.
 */
function isOfChanged(entry: string, path: string, { files }: ReadChange): boolean {
  const folder = path.replace(/(?:^|\/)__snapshots__\/[^/]*$/, '')
  const names = entry.match(/[\w-]{2,80}\.\w{1,8}\b/g) ?? []
  return files.some(({ file, removed, isTest, marks }) => {
    if (!file.path.startsWith(folder) || file.path === path) return false
    if (file.status === 'deleted') return names.some((name) => file.path.endsWith(`/${name}`))
    return (
      isTest &&
      marks !== undefined &&
      names.some((name) => removed.slice(0, MOST_LINES).some((line) => line.includes(name)))
    )
  })
}
