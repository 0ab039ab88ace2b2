import { linesNow, restOfBlock } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type KeptTest,
  squeezed,
} from '../change/guarded-change.ts'

/** Matches calls that turn a failure inside them into a value. */
const KEEPS_FAILURE =
  /\bwithTimeoutOrNull\(|\bRecord\.Exception(?:Async)?\(|\brunCatching\s*\{|(?<![.\w])Try\s*[({]|\bResult\.(?:catching|runCatching)\b|\bcatch_unwind\(/
/** Matches such a call whose value is not used. */
const ENDS_IN_NOTHING = /^\s*withTimeoutOrNull\((?!.*(?:\?:|!!))/
/** Matches calls that run their callback concurrently, so that the test may end first. */
const RUNS_BESIDE =
  /\bregister_shutdown_function\(|\bspawn(?:_link|_monitor)?\(|\bTask\.(?:start|async|Run|detached)\b|\bThread\.(?:new|start|startVirtualThread|ofVirtual)\b|\bnew\s+Thread\(|\bthreading\.Thread\(|^\s*go\s+func\s*\(|\blaunch\(.{0,60}\bLAZY\b|\bGlobalScope\.(?:launch|async)\b|\bDispatchQueue\.\w{1,20}(?:\([^()]{0,60}\))?\.async\b|^\s*Task\s*(?:\.detached\s*)?\{|^\s*(?:void\s+)?new Promise\(|^\s*(?:void\s+)?\(async\s*\(\)\s*=>|\.(?:peek|onEach)\([^;]{0,300}\)\s*;\s*$|\.ContinueWith\(|\bCompletableFuture\.(?:runAsync|supplyAsync)\(|(?:->|\.)(?:on|once|listen|subscribe|addListener|addEventListener|register)\(\s*['"].{0,80}(?:\bfunction\b|=>|\bfn\b|\blambda\b).{0,60}$/
/** Matches code that uses the value, or waits for the concurrent work. */
const ASKS =
  /\bawait(?:_many|_all)?\b|\.(?:join|Join|get|Get|Wait|wait|value|isSuccess|isFailure|is_ok|unwrap|getOrThrow|success|failure)\b|<-|\bassert_receive\b|\bgetOrThrow\b|\bwait\(/
/** The most lines between an assertion and the line that opens its block. */
const ABOVE = 3
/** The most lines that are compared with each other. */
const MOST = 300

/** Reports existing assertions that a change moves to where their failure does not fail the test. */
export function detachedAssertions({
  file,
  marks,
  hunks,
  added,
  removed,
}: KeptTest): readonly GuardFinding[] {
  const before = new Map(
    removed.flatMap((line) => {
      const at = line.search(marks.assertion)
      return at === -1 ? [] : [[squeezed(line.slice(LOOPS.test(line) ? at : 0)), indentOf(line)] as const]
    }),
  )
  if (asksUnderCondition({ added, removed, marks }))
    return [
      { text: `\`${file.path}\` asserts only under a condition, or catches what fails`, weight: 'reason' },
    ]
  if (/\.py$/.test(file.path) && hunks.some((lines) => swallows(lines) || runsInThread(lines, before)))
    return [{ text: `\`${file.path}\` asserts where no one sees what fails`, weight: 'reason' }]
  const early = hunks.some((lines) => endsEarly(lines, marks.assertion))
  if (early) return [{ text: `\`${file.path}\` ends a test before it asserts`, weight: 'reason' }]
  if (before.size === 0) return []
  if (hunks.some((lines) => isInUncalledLine(lines, before)))
    return [{ text: `\`${file.path}\` asserts in a function that nothing calls`, weight: 'reason' }]
  const kept = new Set(removed.map(squeezed))
  const isOpener = (line: string) =>
    (KEEPS_FAILURE.test(line) || RUNS_BESIDE.test(line)) && !kept.has(squeezed(line))
  const openers = new Set(added.filter(isOpener).slice(0, MOST))
  if (openers.size === 0) return []
  const isInside = hunks.some((lines) => {
    const now = linesNow(lines)
    const asks = (text: string) =>
      ASKS.test(text) && !ENDS_IN_NOTHING.test(text) && !before.has(squeezed(text))
    if (now.some(({ sign, text }) => sign === '+' && asks(text))) return false
    return now.some(
      ({ sign, text }, at) =>
        sign === '+' && openers.has(text) && (holdsOne(text, before) || isAbove(now, at, before)),
    )
  })
  return isInside ? [{ text: `\`${file.path}\` asserts where no one sees what fails`, weight: 'reason' }] : []
}

/** Matches an assertion that runs only if a value is there, or only if it fits. */
const IF_THERE = /(?:\?\.(?:let|run|also|apply)\s*\{|\.ifPresent\(|\.takeIf\b|\.then_some\().{0,200}/

function asksUnderCondition({
  added,
  removed,
  marks,
}: Pick<KeptTest, 'added' | 'removed' | 'marks'>): boolean {
  const asks = (line: string) => marks.assertion.test(IF_THERE.exec(line)?.[0] ?? '')
  return added.some(asks) && !removed.some(asks) && removed.some((line) => marks.assertion.test(line))
}

/** Python: true for a new context manager that keeps a failed assertion to itself. */
function swallows(lines: readonly GuardedLine[]): boolean {
  return lines.some(({ sign, text }, at) => {
    if (
      sign !== '+' ||
      !/^\s*except\b(?:\s*:|.{0,80}\b(?:AssertionError|Exception|BaseException)\b)/.test(text)
    )
      return false
    const above = lines.slice(Math.max(0, at - ABOVE), at)
    const below = lines.slice(at + 1, at + 1 + ABOVE)
    return (
      above.some((one) => one.sign === '+' && /^\s*yield\b/.test(one.text)) &&
      !below.some(
        (one) => /\b(?:raise|fail|return|yield)\b/.test(one.text) && indentOf(one.text) > indentOf(text),
      )
    )
  })
}

/** The most functions of one change that are looked up. */
const MOST_NAMES = 50
/** Captures the name of a function that is defined on one line. */
const DEFINED_HERE =
  /^\s*(?:(?:let|const|var|auto|val)\s+)?(\w{1,60})\s*=\s*(?:move\s*)?(?:\|[^|]{0,60}\||fn\b|lambda\b|\(\w{0,20}\)\s*=>|\[[^\]]{0,20}\]\s*\()|^\s*(?:static\s+)?(?:async\s+)?(?:void|Task|bool|int)\s+(\w{1,60})\(\)\s*=>/

/** True if an assertion of before is now the body of a function which no other line of the hunk names. */
function isInUncalledLine(lines: readonly GuardedLine[], before: ReadonlyMap<string, number>): boolean {
  const now = linesNow(lines)
  const defining = now
    .filter(({ sign, text }) => sign === '+' && DEFINED_HERE.test(text))
    .slice(0, MOST_NAMES)
  return defining.some((one) => {
    const found = DEFINED_HERE.exec(one.text)
    const name = found?.[1] ?? found?.[2]
    if (name === undefined || !holdsOne(one.text, before)) return false
    const word = new RegExp(`\\b${name}\\b`)
    return now.every((other) => other === one || !word.test(other.text))
  })
}

/** Captures the function that a thread, a process or a pool of Python runs. Its failure is not raised again. */
const IN_THREAD = /\b(?:Thread|Process|Timer)\(.{0,60}\btarget\s*=\s*(\w{1,60})/

/** Python: true if an assertion of before is now in a function that a thread runs. */
function runsInThread(lines: readonly GuardedLine[], before: ReadonlyMap<string, number>): boolean {
  const fresh = lines.filter(({ sign }) => sign === '+')
  const names = fresh.flatMap(({ text }) => IN_THREAD.exec(text)?.[1] ?? []).slice(0, MOST_NAMES)
  return names.some((name) => {
    const start = fresh.findIndex((one) => one.text.trim().startsWith(`def ${name}(`))
    const body = start === -1 ? [] : fresh.slice(start + 1, start + 1 + MOST_BELOW)
    return body.some((one) => indentOf(one.text) > (before.get(squeezed(one.text)) ?? Infinity))
  })
}

/** Matches the first line of a loop. */
const LOOPS = /^\s*(?:for|foreach|while)\b/
/** Matches the call that tells the runner that a test has passed. */
const IS_DONE = /^\s*done\(\s*\)\s*;?\s*$/

/** True if that call is added above a kept assertion, at the same level or further out. */
function endsEarly(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !IS_DONE.test(text)) return false
    return restOfBlock(now, at, MOST_BELOW).some((one) => one.sign === ' ' && assertion.test(one.text))
  })
}

const MOST_BELOW = 30

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
