import type { Config } from '../config.ts'
import { createModel } from '../models/chain/create-model-chain.ts'
import { isCompatible, type ModelRef } from '../models/model.ts'
import { ModelError } from '../models/model-error.ts'
import { priceTurn } from '../models/pricing.ts'
import type { Transcript, Usage } from '../models/transcript.ts'
import { costText, counted, durationText } from '../text/amounts.ts'
import type { Said } from './finding.ts'

type Models = Config['models']

/** The most tokens that one question may take: a sentence, and an answer with some thinking. */
export const MOST_ASKED: Usage = { input: 100, cacheRead: 0, cacheWrite: 0, output: 400 }

/**
 * Two sentences to show before the models are asked.
 *
 * @param most the most tokens that one question may take.
 */
export function describeQuestions(models: Models, refs: readonly ModelRef[], most: Usage): string {
  const prices = refs.map((ref) => priceOf(models, ref, most))
  const known = prices.filter((price) => price !== undefined)
  const unknown = prices.length - known.length
  const cost = `at most about ${costText(known.reduce((sum, price) => sum + price, 0))}`
  const rest = unknown === 0 ? '' : `, and what ${counted(unknown, 'model')} without a known price ask for it`
  return `Asks ${counted(refs.length, 'model')} one small question each. That costs ${cost}${rest}.`
}

const QUESTION: Transcript = {
  system: '',
  entries: [{ role: 'user', parts: [{ type: 'text', text: 'Answer with the word ok.' }] }],
}

/** Whether a model of the chain answers a small question. */
export async function checkModel(models: Models, ref: ModelRef, signal: AbortSignal): Promise<Said> {
  try {
    const model = await createModel(ref, { refs: [ref], access: models, onViolation: () => {} })
    if (!model) return { state: 'not_set', fact: 'its provider has no key', ...whatIsMissing(ref) }
    const { costUsd, durationMs } = await model.respond(QUESTION, { tools: [], signal })
    const cost = costUsd === undefined ? '' : `, for ${costText(costUsd)}`
    const { next } = adviseOnPrice(models, ref)
    return { state: 'ok', fact: `answered in ${durationText(durationMs)}${cost}`, next }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return { state: 'broken', fact: withoutDot(error.userMessage), costs: NO_MODEL, next: cureOf(error) }
  }
}

const NO_MODEL = 'Runs skip it: they lose time with each try, and have one model less to fall back to.'

function cureOf({ class: errorClass }: ModelError): string | undefined {
  switch (errorClass) {
    case 'hang':
    case 'transient':
      return 'Check the network of this machine, its proxy, and the address of the provider. Node uses a proxy only with NODE_USE_ENV_PROXY=1.'
    case 'rate_limited':
    case 'overloaded':
      return 'Try again in a minute.'
    default:
      // The error's message says what to check.
      return undefined
  }
}

function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

function whatIsMissing({ provider }: ModelRef): Pick<Said, 'costs' | 'next'> {
  const costs = 'A run has nothing to fall back to when the other provider is unavailable.'
  const variable = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY' }[String(provider)]
  return { costs, next: variable && `Set ${variable}, or take the model out of BACKSPACE_MODELS.` }
}

/** What a service can do without any model. */
export function noModel(): Said {
  return {
    state: 'not_set',
    fact: 'no provider has a key',
    costs:
      'Without a model Backspace only applies changes that people write out in the request, and reports what it finds.',
    next: 'Set ANTHROPIC_API_KEY or OPENAI_API_KEY, or COMPATIBLE_BASE_URL and BACKSPACE_MODELS for a server of your own.',
  }
}

function adviseOnPrice(models: Models, ref: ModelRef): Pick<Said, 'next'> {
  if (ref.provider === 'scripted' || priceOf(models, ref, MOST_ASKED) !== undefined) return {}
  return {
    next: `The price of ${ref.id} is not known: limits in dollars do not hold for it, BACKSPACE_MAX_TOKENS does. BACKSPACE_PRICES can say it.`,
  }
}

/**
 * The price by the operator's settings or the table. Some servers state prices themselves; `npm run doctor -- --models`
 * asks them.
 */
export function priceOf(
  { prices }: Models,
  { provider, id: model }: ModelRef,
  usage: Usage,
): number | undefined {
  return priceTurn({ provider, model, usage, prices: prices[`${provider}:${model}`] })
}

/** Whether the configuration says how to reach a provider. */
export function isReachable(models: Models, { provider }: ModelRef): boolean {
  if (provider === 'scripted') return true
  return isCompatible(provider) ? provider in models.compatible : models[provider] !== undefined
}
