import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'

const FUNCTION = { DATABASE_URL: 'postgres://db.example/backspace', PUBLIC_URL: 'https://backspace.example' }
const WORKING = {
  ...FUNCTION,
  BACKSPACE_FUNCTION_WORKERS: '2',
  CRON_SECRET: 'sixteen-letters!',
  E2B_API_KEY: 'e2b_0123456789abcdef',
}

const read = (env: Record<string, string>) => readConfig(env, { inFunction: true })

test('a function listens and queues, and takes no caller for a local one, whatever the variables say', () => {
  const { role, inFunction, web, functions, secrets } = read({ ...WORKING, BACKSPACE_ROLE: 'worker' })
  expect([role, inFunction, functions.workers]).toEqual(['web', true, 2])
  expect(web.reach.openToLocal).toBe(false)
  expect(secrets).toContain(WORKING.CRON_SECRET)
})

test('the address of a project is used without PUBLIC_URL', () => {
  const VERCEL_PROJECT_PRODUCTION_URL = 'backspace.vercel.app'
  expect(read({ ...FUNCTION, PUBLIC_URL: '', VERCEL_PROJECT_PRODUCTION_URL }).web.publicUrl).toBe(
    'https://backspace.vercel.app',
  )
  expect(read({ ...FUNCTION, VERCEL_PROJECT_PRODUCTION_URL }).web.publicUrl).toBe(FUNCTION.PUBLIC_URL)
})

test.each([
  [{ ...FUNCTION, DATABASE_URL: '' }, /keeps no files. Set DATABASE_URL/],
  [{ ...FUNCTION, BACKSPACE_TRUST_LOCAL_CALLERS: 'yes' }, /every caller of a function looks local/],
  [{ ...FUNCTION, CRON_SECRET: 'short' }, /CRON_SECRET must have 16 characters/],
  [{ ...WORKING, CRON_SECRET: '' }, /needs CRON_SECRET/],
  [{ ...WORKING, PUBLIC_URL: '' }, /needs PUBLIC_URL/],
  [{ ...WORKING, E2B_API_KEY: '' }, /needs E2B_API_KEY/],
  [{ ...WORKING, BACKSPACE_TRANSPORT: 'upload' }, /no git to fetch with/],
  [{ ...WORKING, GHE_HOST: 'github.example' }, /no git to fetch with/],
])('a function refuses what it cannot do: %j', (env, problem) => {
  expect(() => read(env)).toThrow(problem)
})

test('a process with the same variables does not mind', () => {
  expect(readConfig({ ...WORKING, E2B_API_KEY: '', PUBLIC_URL: '' })).toMatchObject({
    role: 'all',
    inFunction: false,
  })
})
