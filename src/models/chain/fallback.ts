import { pause } from '../../time/pause.ts'
import { uniqueCalls } from '../calls.ts'
import type { Model, RespondOptions, Turn } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import type { AssistantEntry, HarnessEntry, Transcript } from '../transcript.ts'
import { type AttemptState, attemptTurn, RETRY_LIMITS, type RetryLimits } from './attempt-turn.ts'
import { chainError, createProviderBreaker, type ProviderBreaker } from './provider-breaker.ts'

interface FallbackModelOptions {
  /** At least one, in the order of preference; their names are `provider:id`. */
  readonly models: readonly Model[]
  /** Share one in the whole process, so that runs learn from each other. */
  readonly breaker?: ProviderBreaker | undefined
  readonly retry?: ModelRetries | undefined
  /** Called with each attempt that failed, for the log. */
  readonly onFailure?: ((error: ModelError) => void) | undefined
}

/** How attempts at one model are repeated. */
export interface ModelRetries {
  readonly limits?: Partial<RetryLimits>
  /** Rejects with `signal.reason` when cancelled. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random?: () => number
}

/** After this many changes of the model, a run does not go back to an earlier one. */
const MAX_CHANGES = 3

interface Chain {
  readonly models: readonly Model[]
  readonly breaker: ProviderBreaker
  readonly retry: Required<Omit<ModelRetries, 'limits'>> & { readonly limits: RetryLimits }
  readonly state: AttemptState
  readonly onFailure: (error: ModelError) => void
  /** Models that their provider says it does not have. */
  readonly missing: Map<Model, ModelError>
  current: Model
  changes: number
  /** Whether this process has asked for a turn before. */
  begun: boolean
}

/**
 * Combines several models into one, and is the only layer of the product that retries. Make one per run: after a change
 * the run stays with the model that answered, even when it continues in another process, and moves on only when that
 * one fails too. A change adds a note to `Turn.notes`, which the new model has already seen.
 *
 * @throws {ModelError} of the last model that was asked when none can go on, with one reason per model; `context` at
 * once, since the agent must shorten the transcript first.
 */
export function createFallbackModel({
  models,
  breaker,
  retry = {},
  onFailure = () => {},
}: FallbackModelOptions): Model {
  const [first] = models
  if (!first) throw new TypeError('A fallback model needs at least one model.')
  const chain: Chain = {
    models,
    breaker: breaker ?? createProviderBreaker(),
    retry: {
      limits: { ...RETRY_LIMITS, ...retry.limits },
      sleep: retry.sleep ?? pause,
      random: retry.random ?? Math.random,
    },
    state: { providerWaitMs: 0, omitReasoningBefore: new Map() },
    onFailure,
    missing: new Map(),
    current: first,
    changes: 0,
    begun: false,
  }
  return {
    get name() {
      return chain.current.name
    },
    get contextWindow() {
      return chain.current.contextWindow
    },
    respond: (transcript, options) => respond(chain, transcript, options),
  }
}

async function respond(chain: Chain, transcript: Transcript, options: RespondOptions): Promise<Turn> {
  options.signal.throwIfAborted()
  if (!chain.begun) chain.current = lastToAnswer(chain, transcript) ?? chain.current
  chain.begun = true
  const failed = new Map<Model, ModelError>()
  const turnState = { overloadMs: 0 }
  let attemptsBefore = 0
  let asked: Model | undefined
  for (;;) {
    const last = asked && failed.get(asked)
    const model = nextModel(chain, failed, last)
    if (!model) throw chainError(chain.models, reasonsOf(chain, failed), last)
    const from = asked ?? chain.current
    // Another run may have found out that the current model does not answer.
    const why = last ?? chain.missing.get(from) ?? chain.breaker.blockedBy(providerOf(from))
    if (why && model !== from) {
      const { class: errorClass, userMessage: reason } = why
      options.onNotice?.({ kind: 'switch', from: from.name, to: model.name, errorClass, reason })
    }
    const notes = changeNote(transcript, model, why)
    const extended =
      notes.length === 0 ? transcript : { ...transcript, entries: [...transcript.entries, ...notes] }
    const { retry, state, onFailure } = chain
    const given = { respondOptions: options, state, turnState, ...retry, attemptsBefore, onFailure }
    const result = await attemptTurn(model, extended, given)
    if (!result.error) {
      if (model !== chain.current) chain.changes++
      chain.current = model
      const { turn, attempts } = result
      const entry = uniqueCalls(turn.entry, transcript.entries)
      return { ...turn, entry, notes: [...notes, ...turn.notes], attempts }
    }
    if (result.error.class === 'context') throw result.error
    failed.set(model, result.error)
    chain.breaker.trip(result.error)
    if (result.error.class === 'model_missing') chain.missing.set(model, result.error)
    attemptsBefore = result.attempts
    asked = model
  }
}

/**
 * The model that answered last, if a run goes on in another process. A follow-up run starts with the first model: in
 * its transcript a person spoke last.
 */
function lastToAnswer({ models }: Chain, { entries }: Transcript): Model | undefined {
  const last = entries.findLast(({ role }) => role === 'assistant' || role === 'user')
  if (last?.role !== 'assistant') return undefined
  return models.find(({ name }) => name === `${last.origin.provider}:${last.origin.model}`)
}

/** The model to ask next; undefined when it makes no sense to try any. */
function nextModel(
  chain: Chain,
  failed: ReadonlyMap<Model, ModelError>,
  last?: ModelError,
): Model | undefined {
  const here = chain.models.indexOf(chain.current)
  const ahead = chain.models.slice(here)
  const behind = chain.changes < MAX_CHANGES ? chain.models.slice(0, here) : []
  const usable = [...ahead, ...behind].filter(
    (model) => !failed.has(model) && !chain.missing.has(model) && !chain.breaker.blockedBy(providerOf(model)),
  )
  const other = usable.find((model) => last && providerOf(model) !== last.provider)
  switch (last?.class) {
    case 'refusal':
      // A second opinion is fine, but never about what was refused for safety.
      return /^(?:bio|cyber)/.test(last.category ?? '') || count(failed, ['refusal']) > 1 ? undefined : other
    case 'bad_request':
    case 'thinking':
      // The same provider is likely to reject the same request again. If two models reject it, the request is at fault.
      return count(failed, ['bad_request', 'thinking']) > 1 ? undefined : (other ?? usable[0])
    default:
      return usable[0]
  }
}

function count(failed: ReadonlyMap<Model, ModelError>, classes: readonly string[]): number {
  return [...failed.values()].filter((error) => classes.includes(error.class)).length
}

/** Why each model cannot be used, in the order of the chain. */
function reasonsOf(chain: Chain, failed: ReadonlyMap<Model, ModelError>): Map<Model, ModelError> {
  const reasons = new Map<Model, ModelError>()
  for (const model of chain.models) {
    const reason = failed.get(model) ?? chain.missing.get(model) ?? chain.breaker.blockedBy(providerOf(model))
    if (reason) reasons.set(model, reason)
  }
  return reasons
}

function providerOf({ name }: Model): string {
  return name.slice(0, name.indexOf(':'))
}

/**
 * The note for a model that takes over from another one; none when the last turn was its own, or there was no turn yet.
 * The note stays in the transcript.
 *
 * @param error why the other model is not asked any more, if known.
 */
function changeNote(transcript: Transcript, model: Model, error: ModelError | undefined): HarnessEntry[] {
  const last = transcript.entries.findLast((entry): entry is AssistantEntry => entry.role === 'assistant')
  if (!last) return []
  const before = `${last.origin.provider}:${last.origin.model}`
  if (before === model.name) return []
  const because = error ? `: ${error.userMessage}` : '.'
  const text = `The model changed from ${before} to ${model.name}${because} The working tree contains all edits so far. Go on from there.`
  return [{ role: 'harness', parts: [{ type: 'text', text }] }]
}
