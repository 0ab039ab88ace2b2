import { Client } from 'pg'

/** What runs are asked for. */
export const PROMPT = 'Say hello'
/** For what should happen. */
export const PATIENCE_MS = 600_000

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
