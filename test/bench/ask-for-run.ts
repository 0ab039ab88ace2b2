interface Asked {
  readonly prompt: string
  readonly repoUrl: string
  /** Default: what the service would take. */
  readonly agent?: 'dummy' | undefined
}

interface Accepted {
  readonly runId: string
  readonly eventsUrl: string
}

/** Asks a service for a run. @throws {Error} if it accepts none. */
export async function askForRun(url: string, asked: Asked): Promise<Accepted> {
  const response = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(asked),
  })
  if (response.status !== 202) throw new Error(`a run was refused: ${await response.text()}`)
  return (await response.json()) as Accepted
}
