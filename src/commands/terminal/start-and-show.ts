import type { ExitCode } from './exit-codes.ts'
import { createPaint } from './paint.ts'
import { type ReachedService, requestRun, stopRun } from './reached-service.ts'
import { type Places, showRun, wordsScreen } from './show-run.ts'
import { retryText } from './waits.ts'

/** The body of `POST /code`. */
export interface CodeBody {
  readonly repoUrl: string
  readonly prompt: string
  readonly base?: string | undefined
}

/**
 * Starts a run and shows it until it ends or the person leaves.
 *
 * @throws {BackspaceError} when the run was not started, or the service stays away.
 */
export async function startAndShow(
  service: ReachedService,
  body: CodeBody,
  places: Places,
): Promise<ExitCode> {
  const { words } = places
  const { inThisProcess } = service
  const paint = createPaint(words)
  const screen = wordsScreen(words)
  const rows = [
    ['Backspace', service.inThisProcess ? 'in this process, until the run ends' : service.url],
    ['Repository', `${body.repoUrl}${body.base === undefined ? '' : `, branch ${body.base}`}`],
  ] as const
  const row = (name: string, value: string) => `  ${paint('dim', name.padEnd(12))}${value}\n`
  screen.print(`\n${rows.map(([name, value]) => row(name, value)).join('')}`)
  let said = false
  const started = await requestRun(
    service,
    { ...body },
    {
      onRetry(retry) {
        const text = `  … ${retryText(retry, Date.now())}`
        if (screen.isLive) screen.status(text)
        else if (!said) screen.print(`${text}\n`)
        said = true
      },
    },
  ).finally(() => screen.status(''))
  screen.print(`${row('Run', started.runUrl)}\n`)
  const runUrl = `${service.url}/runs/${started.runId}`
  return await showRun(
    { runUrl, token: service.token },
    { ...places, screen, inThisProcess, stop: () => stopRun(service, started.runId) },
  )
}
