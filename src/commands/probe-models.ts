import type { Config } from '../config.ts'
import { createModel } from '../models/chain/create-model-chain.ts'
import { knowServer } from '../models/compatible/compatible.ts'
import { NO_KEY } from '../models/compatible/compatible-variables.ts'
import { PROBE_TOOL, RED_PICTURE } from '../models/compatible/server-features.ts'
import { isCompatible, type Model, type ModelRef, type Turn } from '../models/model.ts'
import { ModelError } from '../models/model-error.ts'
import { contextWindow } from '../models/pricing.ts'
import { callsOf, type Transcript, type Usage } from '../models/transcript.ts'
import { priceOf } from '../readiness/check-models.ts'
import type { Said } from '../readiness/finding.ts'
import { costText } from '../text/amounts.ts'

type Models = Config['models']

const TIMEOUT_MS = 60_000
/** Most tokens of one question: the tool, a picture of 64 × 64 pixels, and an answer with some thinking. */
export const MOST_PROBED: Usage = { input: 2000, cacheRead: 0, cacheWrite: 0, output: 1000 }

/** Finds out what a model can do, and what it cannot, from its answer to one question with a tool and a picture. */
export async function probeModel(models: Models, ref: ModelRef): Promise<Said> {
  try {
    const found = await ask(models, ref)
    if (!found) return { state: 'not_set', fact: 'not configured' }
    const advice = missingFrom(found)
    const state = found.tools === 'none' ? 'broken' : 'ok'
    return { state, fact: describe(found), next: advice.length === 0 ? undefined : advice.join(' ') }
  } catch (error) {
    const fact = error instanceof ModelError ? error.userMessage : 'It could not be asked.'
    return { state: 'broken', fact }
  }
}

interface Abilities {
  readonly tools: 'called' | 'in_words' | 'not_called' | 'none'
  readonly images: boolean
  readonly caching: boolean
  readonly contextWindow: number | undefined
  /** Whether the model has a known price. */
  readonly priced: boolean
  /** Dollars that the question cost; undefined without a known price. */
  readonly costUsd: number | undefined
}

async function ask(models: Models, ref: ModelRef): Promise<Abilities | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const { provider, id: model } = ref
  const priced = priceOf(models, ref, MOST_PROBED) !== undefined
  const server = isCompatible(provider) ? models.compatible[provider] : undefined
  if (isCompatible(provider)) {
    if (!server) return undefined
    const { baseUrl, apiKey = NO_KEY } = server
    const { features, card } = await knowServer(
      { provider, model, baseUrl, apiKey, known: new Map() },
      signal,
    )
    return {
      tools: features.tools ? CALLED[features.called] : 'none',
      images: features.images,
      caching: features.counts === 'cached_apart',
      contextWindow: card.contextWindow,
      priced: priced || card.prices !== undefined,
      costUsd: undefined,
    }
  }
  const asked = await createModel(ref, { refs: [ref], access: models, onViolation: () => {} })
  return (
    asked &&
    abilitiesOf(asked, await asked.respond(QUESTION, { tools: [PROBE_TOOL], signal }), { ref, priced })
  )
}

const CALLED = { natively: 'called', in_words: 'in_words', not: 'not_called' } as const

const QUESTION: Transcript = {
  system: '',
  entries: [
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'Report the colour of this picture. Call the tool, and say nothing else.' },
        { type: 'image', mediaType: 'image/png', base64: RED_PICTURE },
      ],
    },
  ],
}

function abilitiesOf(
  { contextWindow: window }: Model,
  { entry, costUsd }: Turn,
  { ref: { provider, id: model }, priced }: { readonly ref: ModelRef; readonly priced: boolean },
): Abilities {
  const calls = callsOf(entry)
  return {
    tools: calls.length > 0 ? 'called' : 'not_called',
    images: /\bred\b/i.test(JSON.stringify(entry.parts)),
    // These providers cache for every model.
    caching: true,
    contextWindow: window ?? contextWindow({ provider, model }),
    priced,
    costUsd,
  }
}

function describe({ tools, images, caching, contextWindow: window, costUsd }: Abilities): string {
  const facts = [
    tools === 'called' ? 'tools' : tools === 'in_words' ? 'tools, written as text' : undefined,
    images ? 'images' : undefined,
    caching ? 'caching' : undefined,
    window === undefined ? undefined : `${window.toLocaleString('en-US')} tokens of context`,
    costUsd === undefined ? undefined : `this question cost ${costText(costUsd)}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(', ') || 'answers'
}

function missingFrom({ tools, images, caching, contextWindow: window, priced }: Abilities): string[] {
  if (tools === 'none') return ['It cannot call tools, so the agent cannot use it: choose another model.']
  return [
    tools === 'not_called'
      ? 'It did not call the tool that it was asked to call, so expect little of it.'
      : undefined,
    images ? undefined : 'It cannot see images, so those of an issue are left out.',
    caching
      ? undefined
      : 'It does not report what it reads from a cache, so every turn may cost the whole conversation.',
    window === undefined
      ? 'Its context window is not known, so a conversation is shortened only after the server refuses it.'
      : undefined,
    priced
      ? undefined
      : 'Its price is not known, so limits in dollars do not hold for it. Set BACKSPACE_PRICES.',
  ].filter((sentence) => sentence !== undefined)
}
