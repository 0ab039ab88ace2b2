import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import type { Json, RecordedRequest, Script, Step } from '../stand-ins/models/script.ts'
import { stepFor } from '../stand-ins/models/script.ts'
import { createGreeter, observe, openWorld, type World, type WorldOptions } from './start-world.ts'

/** One story in a world of several: its repository, its models and its runs. */
export interface Story extends Pick<World, 'github' | 'e2b' | 'url' | 'runs' | 'frames'> {
  /** `owner/greeter`, of an owner that no other story has; see `createGreeter`. */
  readonly repo: string
  /** Bodies of the requests to the model about it, in order. */
  turns(): readonly Json[]
}

interface SharedOptions extends Omit<WorldOptions, 'anthropic' | 'openai'> {
  /** Default: there is one. */
  readonly model?: boolean
  /** See `createGreeter`. */
  readonly private?: boolean
}

/**
 * One product for the tests of a file that do not disturb each other. Each story has a repository of its own, and by it
 * the stand-in knows whose request it gets. A provider that refuses is left out for minutes by the whole product, so a
 * story about that needs a world of its own.
 *
 * @returns begins a story; what is left of its runs is stopped when its test is over.
 */
export function shareWorld({ model = true, private: isPrivate = false, ...options }: SharedOptions = {}) {
  const stories = new Map<string, { readonly script: Script; turns: number }>()
  let world: Awaited<ReturnType<typeof openWorld>> | undefined

  async function answer(request: RecordedRequest): Promise<Step> {
    const story = stories.get(repositoryOf(request.body))
    if (!story) throw new Error(`no script for ${repositoryOf(request.body)}`)
    return stepFor(story.script, request, story.turns++)
  }

  beforeAll(async () => {
    world = await openWorld({ ...options, ...(model ? { anthropic: answer } : {}) })
  })
  afterAll(async () => {
    await world?.close()
    expect(world?.anthropic?.rejections ?? []).toEqual([])
  })

  return async (script: Script = []): Promise<Story> => {
    if (!world) throw new Error('the world is not there yet')
    const { github, e2b, url, anthropic } = world
    const owner = `acme-${stories.size + 1}`
    const repo = `${owner}/greeter`
    stories.set(repo, { script, turns: 0 })
    await createGreeter(github, { owner, private: isPrivate })
    const observed = observe(url, { repository: repo })
    onTestFinished(async () => {
      for (const { id, status } of await observed.runs())
        if (status === 'queued' || status === 'running')
          await fetch(`${url}/runs/${id}/cancel`, { method: 'POST' })
    })
    return {
      github,
      e2b,
      url,
      repo,
      ...observed,
      turns: () => (anthropic?.turns() ?? []).filter((body) => repositoryOf(body) === repo),
    }
  }
}

/** `owner/name` of the repository that a request to a model is about. */
function repositoryOf(body: Json): string {
  return /repository: ([\w.-]+\/[\w.-]+), branch /.exec(JSON.stringify(body))?.[1] ?? ''
}
