import { whyCannotRun } from '../why-cannot-run.ts'
import { ADVICE, type Cause, type CauseKind, named } from './cause.ts'
import { COMPILED_CAUSES } from './compiled-causes.ts'
import { findUnreached } from './find-unreached.ts'
import { NODE_CAUSES } from './node-causes.ts'
import { PYTHON_CAUSES } from './python-causes.ts'
import { SCRIPT_CAUSES } from './script-causes.ts'
import { SYSTEM_CAUSES } from './system-causes.ts'

interface FailedSetup {
  /** The exit code, which is not 0. */
  readonly exitCode: number
  /** The output without colours. The middle of a long output may be missing. */
  readonly output: string
  /** The hosts that the operator lets code in the sandbox reach. */
  readonly egressHosts: readonly string[]
}

/**
 * Finds the first real cause in the output of a command that failed. The last line is seldom the cause,
 * because tools end with advice and with consequences of the cause.
 */
export function findCause({ exitCode, output, egressHosts }: FailedSetup): Cause {
  const lines = linesOf(output)
  const cause = firstKnown(lines)
  const unreached = findUnreached(lines, egressHosts)
  // If a registry cannot be reached, many tools say that it has no such package.
  if (unreached && (cause === undefined || FOLLOWS_NETWORK.has(cause.kind))) return unreached
  if (cause) return cause
  const missing = whyCannotRun({ exitCode, output })
  if (missing !== undefined) {
    const text = missing.replace(/^could not run because /, '')
    const isProgram = text.endsWith('is not installed')
    return { kind: 'program', text, advice: isProgram ? ADVICE.program : ADVICE.setup }
  }
  if (exitCode === 137) return { kind: 'memory', ...KILLED }
  return { kind: 'other', text: tellingLine(lines), advice: '' }
}

/** Kinds of causes that may be consequences of a network failure. */
export const FOLLOWS_NETWORK: ReadonlySet<CauseKind> = new Set([
  'network',
  'package',
  'conflict',
  'script',
  'other',
])

const RULES = [...SYSTEM_CAUSES, ...NODE_CAUSES, ...PYTHON_CAUSES, ...COMPILED_CAUSES, ...SCRIPT_CAUSES]

/** The most lines that are read at each end of an output, and the most characters of a line. */
const MOST_LINES = 3000
const MOST_CHARS = 600

function linesOf(output: string): readonly string[] {
  const lines = output.split('\n')
  const some =
    lines.length <= 2 * MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), ...lines.slice(-MOST_LINES)]
  return some.map((line) => line.slice(0, MOST_CHARS).trimEnd())
}

/**
 * The first cause that a rule recognises. Warnings are skipped, and an install script is the cause only if
 * there is no other.
 */
function firstKnown(lines: readonly string[]): Cause | undefined {
  let weak: Cause | undefined
  for (const line of lines) {
    if (line === '' || WARNING.test(line)) continue
    for (const rule of RULES) {
      const found = rule.line.exec(line)
      if (!found) continue
      const [, ...groups] = found
      const cause = { kind: rule.kind, ...rule.say(...groups.map((group) => group ?? '')) }
      if (rule.kind !== 'script') return cause
      weak ??= cause
      break
    }
  }
  return weak
}

const WARNING = /^\s*(?:\[?(?:warn|warning|notice|info|debug|hint|note)\]?:?\s|npm (?:warn|WARN|notice) )/i

const KILLED = {
  text: 'it was killed, most likely because the memory of the sandbox was used up',
  advice: 'Raise BACKSPACE_SANDBOX_MEMORY_GIB, or use a larger sandbox template.',
}

/** The line of output that says most about an unknown failure. */
function tellingLine(lines: readonly string[]): string {
  const printed = lines.filter((line) => line.trim() !== '' && !NOISE.test(line))
  const plain = printed.filter((line) => !WARNING.test(line))
  const telling = plain.find((line) => ERROR.test(line)) ?? plain.find((line) => TROUBLE.test(line))
  const line = telling ?? printed.at(-1)
  return line === undefined ? 'it printed nothing' : named(line.replace(/^[\s│×╰─>|]+/, ''), 200)
}

const NOISE =
  /A complete log of this run|This error originates from a subprocess|^\s*at |^\s*File "|Re-run Maven|To see the full stack trace|For more information about|^\[ERROR\]\s*$|subprocess-exited-with-error|See above for output|did not run successfully|^make(?:\[\d+\])?: \*\*\* |^npm (?:error|ERR!)\s*$|^npm (?:error|ERR!) (?:code|path|errno|syscall|command) |error (?:log|report)|\b0 errors?\b|^[_=!-]{5,}/i
const ERROR =
  /^\S{0,60}\s?(?:error|fatal|panic|exception|traceback)\b|\b[A-Z]\w{0,40}(?:Error|Exception): |^E {1,3}\S|\berror[:\]]|\bFATAL\b/i
const TROUBLE =
  /\b(?:error|fatal|failed|failure|cannot|could not|unable|not found|denied|missing|invalid|refused)\b/i
