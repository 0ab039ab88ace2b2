import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { VARIABLES } from '../../src/settings/variables.ts'
import { type DeployedProcess, deployedProcesses } from './deployed-process.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What the Dockerfile says, unless a host sets it. */
const IMAGE_PORT = 3000
/** Before its end runs are handed over: docs/deploy.md. */
const DEFAULT_GRACE = Number(VARIABLES.BACKSPACE_GRACE_SECONDS.default)

const processes = deployedProcesses()
const byHost = Map.groupBy(processes, ({ host }) => host)
const nameOf = ({ host, env }: DeployedProcess) => `${host} ${env.BACKSPACE_ROLE}`

test('each host has one process that listens and one that works, on one database', () => {
  for (const [host, all] of byHost) {
    expect([host, ...all.map(({ env }) => env.BACKSPACE_ROLE)]).toEqual([host, 'web', 'worker'])
    for (const each of all) expect(each.asked, nameOf(each)).toContain('DATABASE_URL')
  }
})

test('every variable that they set is a setting, and together they start Backspace', () => {
  for (const each of processes) {
    // Heroku's PostgreSQL needs it, and its driver reads it.
    const { PGSSLMODE, ...env } = each.env
    const names = [...Object.keys(env), ...each.asked]
    expect(
      names.filter((name) => !(name in VARIABLES)),
      nameOf(each),
    ).toEqual([])
    expect(PGSSLMODE === undefined || each.host === 'heroku').toBe(true)
    const DATABASE_URL = 'postgres://backspace:secret@db.example.org:5432/backspace'
    const config = readConfig({ ...env, DATABASE_URL })
    expect(config.role).toBe(env.BACKSPACE_ROLE)
  }
})

test('no file has the value of a secret', () => {
  const secret = /KEY|SECRET|TOKEN|PASSWORD|_PAT$|^DATABASE_URL$/
  for (const each of processes)
    expect(
      Object.keys(each.env).filter((name) => secret.test(name)),
      nameOf(each),
    ).toEqual([])
})

test('Backspace knows how long its host waits', () => {
  for (const each of processes) {
    const grace = Number(each.env.BACKSPACE_GRACE_SECONDS ?? DEFAULT_GRACE)
    expect(grace, nameOf(each)).toBeLessThanOrEqual(each.killedAfter)
    expect(each.killedAfter - grace, `${nameOf(each)} wastes time of its host`).toBeLessThanOrEqual(10)
  }
})

test('they ask /readyz and /healthz, where the image listens', () => {
  for (const each of processes) {
    expect(
      each.paths.filter((path) => path !== '/readyz' && path !== '/healthz'),
      nameOf(each),
    ).toEqual([])
    expect(
      each.ports.filter((port) => port !== IMAGE_PORT),
      nameOf(each),
    ).toEqual([])
  }
  for (const host of ['render', 'fly', 'railway', 'cloud-run', 'azure', 'kubernetes'])
    expect(byHost.get(host)?.[0]?.paths, host).toContain('/readyz')
})

test('they start what npm start starts, and the image', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const args = `${scripts.start}`.replace('./bin/node ', '').replace('--env-file-if-exists=.env ', '')
  expect(JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '').join(' ')).toBe(`node ${args}`)
  for (const file of ['Procfile', 'fly.toml']) {
    const starts = [...read(file).matchAll(/node (--max.*\.js)/g)].map(([, found]) => found)
    expect([file, ...starts]).toEqual([file, args, args])
  }
})

test('every host has a page that is linked, names its files, and says that it was not deployed', () => {
  const overview = read('docs/deploy.md')
  for (const host of byHost.keys()) {
    expect(overview).toContain(`deploy/${host}.md`)
    const page = read(`docs/deploy/${host}.md`)
    expect(page, host).toMatch(/^## Tried, and not$/m)
    expect(page, host).toMatch(/not\s+deployed/)
    for (const [, path = ''] of page.matchAll(/\((\.\.\/\.\.\/[^)#]+)\)/g)) {
      expect(() => read(join('docs/deploy', path))).not.toThrow()
    }
  }
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
