import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

const PATIENCE_MS = 600_000

/** Asks for a run of the dummy agent. @returns its id. */
export async function askForRun(url: string, repoUrl: string, agent?: 'dummy'): Promise<string> {
  const response = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ prompt: 'Say hello', repoUrl, ...(agent === undefined ? {} : { agent }) }),
  })
  if (response.status !== 202) throw new Error(`a run was refused: ${await response.text()}`)
  return ((await response.json()) as { runId: string }).runId
}

/** Asks again until there is an answer. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`it did not happen within ${PATIENCE_MS / 1000} s`)
    await delay(100)
  }
}

/** A connection of the bench's own, which is not counted. */
export async function openOwn(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'bench' })
  await client.connect()
  return client
}

export async function firstRow<Row extends object>(
  client: Client,
  text: string,
  values: unknown[] = [],
): Promise<Row> {
  const { rows } = await client.query<Row>(text, values)
  if (rows[0] === undefined) throw new Error(`no row: ${text}`)
  return rows[0]
}
