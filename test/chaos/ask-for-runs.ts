import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'
import type { ServiceClient } from './service-client.ts'
import { REPOSITORIES, type Surroundings } from './surroundings.ts'
import type { Tally } from './tally.ts'

export interface AskOptions {
  readonly random: Random
  readonly surroundings: Surroundings
  readonly client: ServiceClient
  readonly tally: Tally
  /** Called with each request as it is made. */
  readonly onAsked: (tag: string) => void
  readonly newTag: () => string
  readonly count: number
  /** Milliseconds that the requests are spread over. */
  readonly spreadMs: number
}

/** Asks for runs as people do: in new threads, again in the same thread, and through the API with one key many times. */
export async function askForRuns(options: AskOptions): Promise<void> {
  const { random, count, spreadMs } = options
  const asked = Array.from({ length: count }, async (_, index) => {
    const [wait, chance] = [random.between(0, spreadMs), random.fork(`request ${index}`)]
    await delay(wait)
    if (chance.chance(0.25)) await askByApi(options, chance)
    else await askInThread(options, chance)
  })
  await Promise.all(asked)
}

async function askInThread({ surroundings, newTag, onAsked }: AskOptions, random: Random): Promise<void> {
  const { github } = surroundings
  const repo = random.pick(REPOSITORIES)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Something is missing' })
  const asks = Array.from({ length: random.chance(0.3) ? 2 : 1 }, async () => {
    const tag = newTag()
    onAsked(tag)
    await github.comment({ repo, number, author: 'ada', body: `/backspace --new write ${tag} down` })
  })
  await Promise.all(asks)
}

async function askByApi({ surroundings, client, tally, newTag, onAsked }: AskOptions, random: Random) {
  const tag = newTag()
  onAsked(tag)
  const body = {
    repoUrl: `${surroundings.github.url}/${random.pick(REPOSITORIES)}`,
    prompt: `Write ${tag} down`,
  }
  const answers = await Promise.all([1, 2, 3].map(() => client.code(body, tag)))
  if (new Set(answers).size === 1) return
  tally.violate({ kind: 'idempotency', message: `one key of ${tag} gave ${answers.join(', ')}` })
}
