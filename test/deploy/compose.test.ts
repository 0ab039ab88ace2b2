import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { VARIABLES } from '../../src/settings/variables.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'
import { startService } from '../support/start-service.ts'

interface ComposeService {
  readonly profiles?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly stop_grace_period: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly deploy?: { readonly replicas: number }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: object
  readonly command?: unknown
}

const source = readFileSync(join(import.meta.dirname, '../../compose.yaml'), 'utf8')
const { services } = parse(source, { merge: true }) as { services: Record<string, ComposeService> }
const { db, ...ours } = services

/** As compose fills in `${NAME:-otherwise}`. */
function fillIn(text: string, given: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name, otherwise) => given[name] || otherwise)
}

test('without a profile one process starts, and with scale PostgreSQL, one web and two workers', () => {
  const names = (profile: string | undefined) =>
    Object.entries(services)
      .filter(([, { profiles }]) => profiles?.[0] === profile)
      .map(([name, { environment, deploy }]) => [name, environment.BACKSPACE_ROLE, deploy?.replicas ?? 1])
  expect(names(undefined)).toEqual([['backspace', 'all', 1]])
  expect(names('scale')).toEqual([
    ['web', 'web', 1],
    ['worker', 'worker', 2],
    ['db', undefined, 1],
  ])
  expect(services.backspace?.volumes).toEqual(['data:/data'])
})

test('each process may write to its data and to /tmp alone, and gains no rights', () => {
  for (const [name, service] of Object.entries(ours)) {
    expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    expect(service.tmpfs?.some((mount) => mount.startsWith('/tmp:'))).toBe(true)
    expect(
      [...(service.tmpfs ?? []), ...(service.volumes ?? [])].some((mount) => mount.includes('/data')),
    ).toBe(true)
  }
  for (const [name, { security_opt }] of Object.entries(services))
    expect(security_opt, name).toEqual(['no-new-privileges:true'])
})

test('it waits for the database, gives the time that Backspace takes to stop, and opens no port to others', () => {
  expect(db?.healthcheck).toBeDefined()
  for (const [name, service] of Object.entries(ours)) {
    const waits = Number.parseInt(service.stop_grace_period, 10)
    expect(waits, name).toBeGreaterThan(Number(service.environment.BACKSPACE_GRACE_SECONDS))
    expect(service.command, 'it starts what the image starts').toBeUndefined()
    if (service.profiles) expect(service.depends_on).toEqual({ db: { condition: 'service_healthy' } })
  }
  const ports = Object.values(services).flatMap((service) => service.ports ?? [])
  expect(ports.filter((port) => !/^127\.0\.0\.1:3000:3000$/.test(port))).toEqual([])
})

test('it sets settings that exist, and no secret has a value', () => {
  const names = Object.values(ours).flatMap(({ environment }) => Object.keys(environment))
  expect(names.filter((name) => !(name in VARIABLES))).toEqual([])
  const password = db?.environment.POSTGRES_PASSWORD ?? ''
  expect(fillIn(password, {}), 'PostgreSQL refuses to start without one').toBe('')
  expect(source.match(/PASSWORD|KEY|SECRET|TOKEN/g)?.length).toBe(source.match(/POSTGRES_PASSWORD/g)?.length)
})

describe.skipIf(postgresBinaries() === undefined)('on PostgreSQL', () => {
  test('the processes of the profile scale get ready on one database, and stop', async () => {
    const DATABASE_URL = await databaseOfTest('tables')
    const { web, worker } = services
    const environments = [web, ...Array.from({ length: worker?.deploy?.replicas ?? 0 }, () => worker)].map(
      (service) => service?.environment ?? {},
    )
    expect(environments).toHaveLength(3)
    const started = await Promise.all(
      environments.map((environment) => {
        const settings = Object.entries(environment).map(([name, value]) => [name, fillIn(value, {})])
        // Where the database is, and what would be in the way of each other on one machine.
        const { DATA_DIR, HOST, PORT, PUBLIC_URL, ...env } = Object.fromEntries(settings)
        expect(PUBLIC_URL).toBe('http://localhost:3000')
        expect(env.DATABASE_URL).toBe('postgres://backspace:@db:5432/backspace')
        return startService({ ...env, DATABASE_URL })
      }),
    )
    for (const url of await Promise.all(started.map(({ listening }) => listening)))
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    for (const service of started) service.signal('SIGTERM')
    expect(await Promise.all(started.map(({ ended }) => ended))).toEqual([0, 0, 0])
  })
})
