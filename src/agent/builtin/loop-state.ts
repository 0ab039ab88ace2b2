import type { Model } from '../../models/model.ts'
import type { AgentContext, AgentTask } from '../agent.ts'
import type { PlanItem } from '../agent-event.ts'
import type { CommandLog } from './command-log.ts'
import type { FinishGate } from './finish-gate.ts'
import type { LimitVerdict, Meter } from './limits.ts'
import type { NestedInstructions } from './nested-instructions.ts'
import type { ProgressWatch } from './progress-watch.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

/** What the loop is given. */
export interface LoopParts {
  readonly model: Model
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly newNonce: () => string
  readonly task: AgentTask
  readonly context: AgentContext
}

/** What the loop holds from turn to turn. Lives as long as one call of `work`. */
export interface LoopState {
  readonly writer: TranscriptWriter
  readonly meter: Meter
  readonly gate: FinishGate
  readonly commands: CommandLog
  readonly watch: ProgressWatch
  /** Aborted when the minutes are over. */
  readonly deadline: AbortSignal
  /** Aborted by `deadline` and by whoever cancels. */
  readonly signal: AbortSignal
  readonly instructions: NestedInstructions
  readonly seenFiles: Map<string, string>
  readonly backgroundGroups: Set<number>
  limit: LimitVerdict
  plan: readonly PlanItem[]
  lastText: string
  /** What was said in turns without a call, since the last call. */
  silentTexts: readonly string[]
  priceNoticed: boolean
}
