import type { Page } from 'playwright-core'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { workOf } from '../../bench/pages/long-run.ts'
import { onIssue } from '../../runs/start-runs.ts'
import { storeMonth } from '../../runs/stats/past-runs.ts'
import { BODIES, SUCCESS, TOTALS } from '../a-run.ts'
import type { ServedWeb } from '../serve-web.ts'

/** A state of a page. */
export interface Look {
  /** As the app names it: `GET /runs/:id`. */
  readonly route: string
  readonly path: string
  /** Brings the page there. */
  readonly act?: ((page: Page) => Promise<unknown>) | undefined
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Of a service without runs. */
export const EMPTY: readonly Look[] = ['/', '/runs', '/stats', '/new'].map((path) => ({
  route: `GET ${path}`,
  path,
}))

const nothing = { pullRequestUrl: null, commentUrl: null, draft: false, totals: TOTALS } as const
const PLAN: RunEventBody = { type: 'run.succeeded', outcome: 'plan', message: '1. Fix add()', ...nothing }
const QUESTION: RunEventBody = { type: 'run.succeeded', outcome: 'question', message: 'Which?', ...nothing }
/** A word that fits on no phone, wherever one may come from outside. */
const LONG = 'a'.repeat(400)
const FAILED: RunEventBody = { type: 'run.failed', code: 'x', message: LONG, totals: TOTALS }
const WIDE: readonly RunEventBody[] = BODIES.map((body) =>
  body.type === 'model.turn'
    ? { ...body, model: LONG }
    : body.type === 'changes.collected'
      ? { ...body, files: body.files.map((file) => ({ ...file, path: `${LONG}/${file.path}` })) }
      : body.type === 'step.finished'
        ? { ...body, message: LONG }
        : body,
)

/** Runs in every state that has a look of its own. */
export async function fill(web: ServedWeb, db: Parameters<typeof storeMonth>[0]) {
  await storeMonth(db, new Date())
  const play = (bodies: readonly RunEventBody[]) => web.play(bodies, { request: onIssue(12) })
  return {
    ended: await play([...BODIES, SUCCESS]),
    plan: await play([...BODIES, PLAN]),
    question: await play([...BODIES.slice(0, 13), QUESTION]),
    failed: await play([...WIDE, FAILED]),
    long: await play(Array.from({ length: 120 }, (_, index) => workOf(index + 8))),
    live: await play(BODIES.slice(0, 24)),
    waiting: (await web.runs.submit({ request: onIssue(13) })).run.id,
  }
}

export type Filled = Readonly<Record<keyof Awaited<ReturnType<typeof fill>>, string>>

/** @param show makes the running command of a run print something. */
export function filled(runs: Filled, show: (runId: string, text: string) => void): readonly Look[] {
  const ofRun = (id: string, query = '', act?: Look['act']): Look => ({
    route: 'GET /runs/:id',
    path: `/runs/${id}${query}`,
    act,
  })
  return [
    { route: 'GET /', path: '/' },
    { route: 'GET /runs', path: '/runs?outcome=pull_request' },
    { route: 'GET /runs', path: '/runs?q=no-such-text' },
    { route: 'GET /stats', path: '/stats', act: (page) => page.locator('#ledger-words summary').click() },
    ofRun(runs.ended, '?view=split'),
    ofRun(runs.ended, '?upto=20'),
    ofRun(runs.plan, '', (page) => page.getByText('Edit, then approve').click()),
    ofRun(runs.question),
    ofRun(runs.failed, '?done=retry', (page) => page.getByText('Continue from here').click()),
    ofRun(runs.long, '?at=41'),
    ofRun(runs.live, '?q=add'),
    ofRun(runs.live, '', async (page) => {
      const output = page.locator('#live-output')
      while (!(await output.isVisible())) {
        show(runs.live, `$ npm test (since 20:51:07 UTC)\n${'a long line '.repeat(30)}\n`.repeat(30))
        await page.waitForTimeout(50)
      }
      await page.getByText('Stop this run').click()
    }),
    ofRun(runs.waiting),
    ofRun('none'),
    { route: 'GET /runs/:id/share', path: `/runs/${runs.ended}/share` },
    {
      route: 'POST /runs/:id/share',
      path: `/runs/${runs.ended}/share`,
      act: (page) => press(page, 'Make a link'),
    },
    { route: 'GET /shared/:secret', path: '/shared/bss_none' },
    { route: 'GET /account', path: '/account' },
    { route: 'GET /auth/github', path: '/auth/github' },
    { route: 'GET /auth/github/callback', path: '/auth/github/callback?state=none' },
    { route: 'GET /runs/:id/trace', path: `/runs/${runs.ended}/trace` },
    {
      route: 'POST /new',
      path: '/new?repository=acme&prompt=Hello&budgetUsd=500',
      act: (page) => press(page, 'Start the run'),
    },
    { route: 'GET /*', path: '/no/such/page' },
  ]
}

/** Of a service that lets no one in without a token. */
export const CLOSED: readonly Look[] = [
  { route: 'GET /', path: '/' },
  {
    route: 'POST /login',
    path: '/',
    async act(page) {
      const field = page.getByLabel('API token')
      if (!(await field.isVisible())) await page.getByText('Use an API token').click()
      await field.fill('wrong')
      await press(page, 'Log in')
      await page.getByRole('alert').waitFor()
    },
  },
]

/** Of a service that is not set up, and that others reach: the code is asked for. */
export const LOCKED: readonly Look[] = [
  { route: 'GET /setup', path: '/setup' },
  {
    route: 'POST /setup/code',
    path: '/setup',
    async act(page) {
      await page.getByRole('textbox').fill('WRONG')
      await page.getByRole('button').last().click()
      await page.getByRole('alert').waitFor()
    },
  },
]

/** The same on a laptop, where no code is needed. */
export const NOT_SET_UP: readonly Look[] = [
  { route: 'GET /setup', path: '/setup' },
  { route: 'GET /setup', path: '/setup?webhook=http%3A%2F%2Flocalhost&name=%20' },
  { route: 'GET /setup/github', path: '/setup/github?code=a&state=b' },
]

/** Of one that has its App. */
export const SET_UP: readonly Look[] = [{ route: 'GET /setup', path: '/setup' }]

/** Routes whose looks are in another file, which calls `expectAccessible` on them. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'GET /reference': 'test/web/pages/reference.test.ts',
  'GET /reference/try': 'test/web/pages/reference.test.ts',
}

/** HTML that scripts of a page put into it; it is looked at there. */
export const PARTS = [
  'GET /runs/:id/live',
  'GET /runs/:id/story',
  'GET /runs/:id/files/:index',
  'GET /runs/:id/actions',
  'GET /setup/checklist',
]

/** What answers with something else than HTML, errors aside, which are looked at once. */
export const NO_PAGES: readonly RegExp[] = [
  /^GET \/(?:health|healthz|readyz|metrics|openapi\.json|assets\/.*|\.well-known\/.*)$/,
  /^GET \/runs\/:id\/(?:events|events\.json|log\.txt|diff|change\.patch|receipt)$/,
  /^POST \/(?:api\/)?(?:code|prove)$/,
  /^POST \/runs\/:id\/(?:cancel|notes|approve)$/,
  /^DELETE /,
  // They lead to a page.
  /^POST \/(?:logout|logout\/everywhere|account\/people\/:id\/logout|setup\/looks|setup\/redeliver)$/,
  /^POST \/runs\/:id\/(?:act|share\/:link\/revoke)$/,
  /^POST \/api\/github\/webhooks$/,
]
