import { type GuardedLine, type GuardFinding, indentOf, type KeptTest, squeezed } from './guarded-change.ts'

/** Takes what fails inside of it for a value. */
const KEEPS_FAILURE =
  /\brunCatching\s*\{|(?<![.\w])Try\s*[({]|\bResult\.(?:catching|runCatching)\b|\bcatch_unwind\(/
/** Runs beside the test, which ends without it. */
const RUNS_BESIDE =
  /\bspawn(?:_link|_monitor)?\(|\bTask\.(?:start|async|Run|detached)\b|\bThread\.(?:new|start|startVirtualThread|ofVirtual)\b|\bnew\s+Thread\(|\bthreading\.Thread\(|^\s*go\s+func\s*\(|\blaunch\(.{0,60}\bLAZY\b|\bGlobalScope\.(?:launch|async)\b|\bDispatchQueue\.\w{1,20}(?:\([^()]{0,60}\))?\.async\b|^\s*Task\s*(?:\.detached\s*)?\{|^\s*(?:void\s+)?new Promise\(|^\s*(?:void\s+)?\(async\s*\(\)\s*=>|\bCompletableFuture\.(?:runAsync|supplyAsync)\(|(?:->|\.)(?:on|once|listen|subscribe|addListener|addEventListener|register)\(\s*['"].{0,80}(?:\bfunction\b|=>|\bfn\b|\blambda\b).{0,60}$/
/** The test asks for the value, or waits until the other one has ended. */
const ASKS =
  /\bawait(?:_many|_all)?\b|\.(?:join|Join|get|Get|Wait|wait|value|isSuccess|isFailure|is_ok|unwrap|getOrThrow|success|failure)\b|<-|\bassert_receive\b|\bgetOrThrow\b|\bwait\(/
/** What opens is at most so far above. */
const ABOVE = 3
/** Comparing each with each must not take long. */
const MOST = 300

/** Assertions of before that a change leaves where their failure is no failure of the test. */
export function detachedAssertions({
  file,
  marks,
  hunks,
  added,
  removed,
}: KeptTest): readonly GuardFinding[] {
  const before = new Map(
    removed.flatMap((line) =>
      marks.assertion.test(line) ? [[squeezed(line), indentOf(line)] as const] : [],
    ),
  )
  if (before.size === 0) return []
  const kept = new Set(removed.map(squeezed))
  const isOpener = (line: string) =>
    (KEEPS_FAILURE.test(line) || RUNS_BESIDE.test(line)) && !kept.has(squeezed(line))
  const openers = new Set(added.filter(isOpener).slice(0, MOST))
  if (openers.size === 0) return []
  const isInside = hunks.some((lines) => {
    const now = lines.filter(({ sign }) => sign !== '-')
    if (now.some(({ sign, text }) => sign === '+' && ASKS.test(text) && !before.has(squeezed(text))))
      return false
    return now.some(
      ({ sign, text }, at) =>
        sign === '+' && openers.has(text) && (holdsOne(text, before) || isAbove(now, at, before)),
    )
  })
  return isInside ? [{ text: `\`${file.path}\` asserts where no one sees what fails`, weight: 'reason' }] : []
}

function holdsOne(text: string, before: ReadonlyMap<string, number>): boolean {
  const line = squeezed(text)
  return [...before.keys()].slice(0, MOST).some((one) => one.length > 5 && line.includes(one))
}

function isAbove(now: readonly GuardedLine[], at: number, before: ReadonlyMap<string, number>): boolean {
  const start = indentOf(now[at]?.text ?? '')
  return now
    .slice(at + 1, at + 1 + ABOVE)
    .some(
      ({ sign, text }) =>
        sign === '+' && indentOf(text) > start && indentOf(text) > (before.get(squeezed(text)) ?? Infinity),
    )
}
