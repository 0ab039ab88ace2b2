import type { AssistantEntry } from '../../models/transcript.ts'
import type { FinishGate } from './finish-gate.ts'
import type { Stop } from './stuck-detector.ts'
import { textOf } from './take-turn.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

/** How many answers in a row may be cut off before their first call. */
const MAX_CUT_OFF = 3

/** Counts turns in a row in which the model called no tool. */
export interface SilentTurns {
  /** Handles a turn without a call; a Stop ends the run. */
  readonly add: (turn: AssistantEntry) => Promise<Stop | undefined>
  /** Call it after a turn with a call, which ends the row. */
  readonly reset: () => void
}

/**
 * One turn without a call is taken as a slip. Two in a row mean that the model thinks that its text ends the run, so the
 * text is reviewed like a claim made with `finish`.
 */
export function createSilentTurns(writer: TranscriptWriter, gate: FinishGate): SilentTurns {
  let texts: readonly string[] = []

  async function add(turn: AssistantEntry): Promise<Stop | undefined> {
    if (turn.origin.stop === 'pause') return undefined
    texts = [...texts, textOf(turn)]
    if (turn.origin.stop === 'max_tokens') {
      if (texts.length >= MAX_CUT_OFF) return CUT_OFF
      writer.note(
        'Your answer was cut off at the length limit. Go on in smaller steps, with one call at a time.',
      )
      return undefined
    }
    if (texts.length === 1) {
      writer.note('You called no tool. If the work is done, call finish; otherwise go on with it.')
      return undefined
    }
    const fullest = texts.reduce((a, b) => (b.length > a.length ? b : a))
    const { verdict, text } = await gate.reviewText(fullest || 'The agent ended without a word.')
    if (verdict !== 'accepted') writer.note(text)
    return undefined
  }

  return {
    add,
    reset() {
      texts = []
    },
  }
}

const CUT_OFF: Stop = {
  code: 'agent_stuck',
  reason: 'The agent got stuck: its answers were cut off at the length limit.',
}
