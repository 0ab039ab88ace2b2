import { randomBytes } from 'node:crypto'
import type { Model } from '../../models/model.ts'
import { callsOf } from '../../models/transcript.ts'
import type { Agent, AgentContext, AgentOutcome, BareOutcome } from '../agent.ts'
import { titleOf } from '../title.ts'
import { type AgentRun, openRun } from './agent-run.ts'
import { createCommandLog } from './command-log.ts'
import { startDeadline } from './deadline.ts'
import { createFinishGate, recallReviews } from './finish-gate.ts'
import { createRunLimits } from './limits.ts'
import { createNestedInstructions } from './nested-instructions.ts'
import { createConversation } from './next-turn.ts'
import { createPlanGate } from './plan-gate.ts'
import { entriesOfRun } from './prompt.ts'
import { createSilentTurns } from './silent-turns.ts'
import { stoppedOutcome } from './stopped-outcome.ts'
import { createStuckDetector, type Stop } from './stuck-detector.ts'
import { textOf } from './take-turn.ts'
import { createToolbox, skipCalls } from './toolbox.ts'
import { takeFollowUps } from './transcript-writer.ts'

interface BuiltinAgentOptions {
  readonly model: Model
  /** Milliseconds since the epoch, with fractions. */
  readonly now?: () => number
  /** Makes the marker, new for each run and not guessable, around quoted text from outsiders. */
  readonly newNonce?: () => string
}

/** The agent whose loop runs on the host and whose tools run in the sandbox. */
export function createBuiltinAgent({
  model,
  now = () => performance.timeOrigin + performance.now(),
  newNonce = () => randomBytes(8).toString('hex'),
}: BuiltinAgentOptions): Agent {
  return {
    name: 'builtin',
    async work(task, context) {
      const deadline = startDeadline(task)
      const nonce = newNonce()
      try {
        const run = await openRun({ task, context, now, nonce, deadline: deadline.signal })
        const outcome = await takeTurns(run, { model, nonce, newNonce }).finally(run.writer.idle)
        await run.writer.stored()
        return { ...outcome, totals: run.usage.totals() } satisfies AgentOutcome
      } finally {
        deadline.stop()
      }
    },
  }
}

/**
 * Asks the model, carries out its calls, and asks again, until `finish` is accepted or the run must stop. It always
 * returns an outcome, except for the errors that `Agent.work` documents.
 */
async function takeTurns(
  run: AgentRun,
  {
    model,
    nonce,
    newNonce,
  }: { readonly model: Model; readonly nonce: string; readonly newNonce: () => string },
): Promise<BareOutcome> {
  const { task, context, writer } = run
  const earlier = entriesOfRun(writer.transcript(), task)
  const commands = createCommandLog(earlier)
  const limits = createRunLimits(run)
  const gate = task.plan
    ? createPlanGate({ fallbackTitle: titleOf(task), describeCommands: commands.describe })
    : createFinishGate(run, {
        // The checks of a claim may have taken the rest of the time.
        isLastChance: () => limits.current().level === 'finish_only' || run.deadline.aborted,
        earlier: recallReviews(earlier),
        describeCommands: commands.describe,
      })
  const instructions = createNestedInstructions({
    read: context.readInstructions ?? noInstructions,
    transcript: writer.transcript(),
    nonce,
  })
  const toolbox = createToolbox(run, { gate, limits, instructions, onEvent: commands.observe })
  const conversation = createConversation(run, { model, toolbox, newNonce, onCompacted: instructions.forget })
  const silentTurns = createSilentTurns(writer, gate)
  const stuck = createStuckDetector()
  let lastText = ''
  const stopped = (stop: Stop) =>
    stoppedOutcome({ title: titleOf(task), stop, plan: toolbox.plan(), lastText })

  try {
    for (;;) {
      context.signal.throwIfAborted()
      await takeFollowUps(context, writer)
      const { level, code, nearest } = limits.check()
      if (level === 'reached') return stopped({ code, reason: `The run reached its limit: ${nearest}.` })

      const turn = await conversation.nextTurn(level)
      if ('reason' in turn) return stopped(turn)
      lastText = textOf(turn) || lastText
      // Asking again would give the same refusal.
      if (turn.origin.stop === 'refusal') {
        skipCalls(turn, run, 'Not carried out: the run ends here.')
        return stopped({ code: 'model_refused', reason: 'The model declined to continue.' })
      }

      let stop: Stop | undefined
      if (callsOf(turn).length === 0) {
        stop = await silentTurns.add(turn)
      } else {
        silentTurns.reset()
        const calls = await toolbox.answer(turn)
        context.signal.throwIfAborted()
        const observation = gate.outcome() ? undefined : stuck.observe(calls)
        if (observation?.nudge !== undefined) writer.note(observation.nudge)
        stop = observation?.stop
      }
      const outcome = gate.outcome() ?? (stop && stopped(stop))
      if (outcome) return outcome
    }
  } finally {
    await toolbox.close()
  }
}

async function noInstructions(): ReturnType<NonNullable<AgentContext['readInstructions']>> {
  return []
}
