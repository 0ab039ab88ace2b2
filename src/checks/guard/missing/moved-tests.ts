import { posix } from 'node:path'
import { linesNow } from '../change/around-line.ts'
import type { GuardFinding, ReadChange, ReadFile } from '../change/guarded-change.ts'
import { isBuiltElsewhere, isMovedOut } from './hidden-tests.ts'
import { removedTests, testName, wasOff } from './removed-tests.ts'

/** Rust: captures a module that another file holds. */
const DECLARES = /^\s*(?:pub(?:\([\w:]{1,20}\))?\s+)?mod\s+(\w{1,80})\s*;/
/** Rust: matches files that Cargo finds by themselves. */
const FOUND_BY_CARGO =
  /(?:^|\/)(?:(?:tests|benches|examples)\/(?:[^/]+|[^/]+\/main)|src\/(?:lib|main)|build)\.rs$/
/** Matches a test that ran on some systems only, which may move to a file for these. */
const OF_A_SYSTEM = /\bruntime\.GOOS\b|\bcfg!?\(|\bsys\.platform\b|\bprocess\.platform\b|\b_WIN32\b/

/**
 * Reports existing tests that a change takes out of one file and writes into another one that an ordinary run does not find. Git
 * shows this as a rename only if the files are alike.
 */
export function movedTests({ files }: ReadChange): readonly GuardFinding[] {
  const targets = files
    .filter(({ file, added }) => file.status !== 'deleted' && added.length > 0)
    .map((read) => ({
      read,
      lines: new Set(read.added.map((line) => line.trim())),
      isElsewhere: isBuiltElsewhere(read.added),
    }))
  const declared = new Map(
    files.flatMap(({ file, hunks }) => (file.path.endsWith('.rs') ? hunks.flatMap(modulesIn) : [])),
  )
  return files.flatMap((read) => {
    const { marks, removed, file } = read
    if (marks === undefined || removed.length === 0 || file.status === 'added') return []
    const gone = removedTests(read, marks).tests.filter(
      (lines) => !wasOff(lines, marks) && !lines.some((line) => OF_A_SYSTEM.test(line)),
    )
    if (gone.length === 0) return []
    const wasElsewhere = isBuiltElsewhere(linesBefore(read))
    return targets.flatMap((target): readonly GuardFinding[] => {
      const { path } = target.read.file
      if (path === file.path || !isOutside({ from: file.path, wasElsewhere }, target, declared)) return []
      const tests = gone.flatMap((lines) => {
        const head = lines.find((line) => !/^\s*(?:@|#\[|\[)/.test(line))?.trim() ?? ''
        const name = testName(lines, marks)
        return name !== undefined && head.includes(name) && target.lines.has(head) ? [name] : []
      })
      if (tests.length === 0) return []
      const text = `\`${path}\` has tests of \`${file.path}\`, and an ordinary run does not find them there`
      return [{ text, weight: 'reason', settledBy: 'still_run', path, tests }]
    })
  })
}

function isOutside(
  { from, wasElsewhere }: { readonly from: string; readonly wasElsewhere: boolean },
  { read: to, isElsewhere }: { readonly read: ReadFile; readonly isElsewhere: boolean },
  declared: ReadonlyMap<string, boolean>,
): boolean {
  const { path, status } = to.file
  if (isMovedOut(from, path) || (isElsewhere && !wasElsewhere)) return true
  if (status !== 'added' || !path.endsWith('.rs') || FOUND_BY_CARGO.test(path)) return false
  const name = posix.basename(path, '.rs')
  return declared.get(name === 'mod' ? posix.basename(posix.dirname(path)) : name) !== true
}

function linesBefore({ file, removed }: ReadFile): readonly string[] {
  return file.before ? Buffer.from(file.before.subarray(0, 4000)).toString('utf8').split('\n') : removed
}

/** The modules that a hunk declares, and whether an ordinary build of the tests has them. */
function modulesIn(lines: ReadFile['hunks'][number]): readonly (readonly [string, boolean])[] {
  const now = linesNow(lines)
  return now.flatMap(({ text }, at) => {
    const name = DECLARES.exec(text)?.[1]
    return name === undefined ? [] : [[name, !isBuiltElsewhere([now[at - 1]?.text ?? ''])] as const]
  })
}
