import { createParser } from 'eventsource-parser'
import { type WireEvent, wireEvent } from '../../src/web/stream/wire-schema.ts'
import type { Story } from '../support/share-world.ts'

/** `POST /code` for the repository of a story, unless `body` names another. */
export function postCode(
  { url, github, repo }: Pick<Story, 'url' | 'github' | 'repo'>,
  body: object,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${url}/code`, {
    method: 'POST',
    body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, ...body }),
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

/** A `POST /code` for a client that does not stream: the answer is the run's addresses. */
export function startByCode(
  story: Parameters<typeof postCode>[0],
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return postCode(story, body, { headers: { accept: 'application/json', ...headers } })
}

/** Events of a stream, each checked against the schema. */
export function framesOf(text: string): WireEvent[] {
  const frames: WireEvent[] = []
  const parser = createParser({ onEvent: ({ data }) => frames.push(wireEvent.parse(JSON.parse(data))) })
  parser.feed(text)
  return frames
}
