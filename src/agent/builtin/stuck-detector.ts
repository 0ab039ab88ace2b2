import { createHash } from 'node:crypto'
import type { ErrorCode } from '../../errors.ts'

/** Why a run must stop before the model has finished. */
export interface Stop {
  readonly code: ErrorCode
  /** One sentence for people. */
  readonly reason: string
}

/** The parts of an answered call that show whether the run makes progress. */
export interface ObservedCall {
  readonly name: string
  readonly args: unknown
  readonly fingerprint: string
  readonly status: 'ok' | 'error' | 'skipped' | 'interrupted'
  readonly readOnly: boolean
}

/** `nudge` is a note for the model, `stop` ends the run. */
type Observation =
  | { readonly nudge: string; readonly stop?: undefined }
  | { readonly stop: Stop; readonly nudge?: undefined }

const NUDGE_AT = 3
const STOP_AT = 5
const MAX_CONSECUTIVE_ERRORS = 8

export interface StuckDetector {
  /** Counts the calls of a turn. Returns undefined while the run makes progress. */
  readonly observe: (calls: readonly ObservedCall[]) => Observation | undefined
}

/**
 * Detects a run that goes in circles: the same call gives the same result again and again, or every call fails. A new
 * call that may have changed something resets the count, since running the same tests after each edit is progress.
 */
export function createStuckDetector(): StuckDetector {
  const counts = new Map<string, number>()
  const everSeen = new Set<string>()
  let errors = 0

  function count(call: ObservedCall): number {
    const key = createHash('sha256')
      .update(JSON.stringify([call.name, call.args ?? null, call.fingerprint]))
      .digest('hex')
    if (!call.readOnly && call.status === 'ok' && !everSeen.has(key)) counts.clear()
    everSeen.add(key)
    const seen = (counts.get(key) ?? 0) + 1
    counts.set(key, seen)
    return seen
  }

  return {
    observe(calls) {
      let nudge: string | undefined
      for (const call of calls) {
        if (call.status === 'skipped' || call.status === 'interrupted') continue
        errors = call.status === 'error' ? errors + 1 : 0
        const seen = count(call)
        if (seen >= STOP_AT) {
          return { stop: stuck(`it repeated the same ${call.name} call ${seen} times with the same result`) }
        }
        if (seen >= NUDGE_AT)
          nudge = `You made the same ${call.name} call ${seen} times and got the same result.`
      }
      if (errors >= MAX_CONSECUTIVE_ERRORS) {
        return { stop: stuck(`${errors} of its tool calls in a row did not work`) }
      }
      return nudge === undefined
        ? undefined
        : {
            nudge: `${nudge} Repeating it will not help: try another way, or finish and say what is missing.`,
          }
    },
  }
}

function stuck(what: string): Stop {
  return { code: 'agent_stuck', reason: `The agent got stuck: ${what}.` }
}
