import { expect, test } from 'vitest'
import { findMisspeltNames } from '../../src/settings/misspelt-names.ts'
import { VARIABLES } from '../../src/settings/variables.ts'
import { ORDINARY } from './ordinary-environments.ts'

test.each([
  ['BACKSPACE_EGRES', 'BACKSPACE_EGRESS'],
  ['BACKSPACE_ERGESS', 'BACKSPACE_EGRESS'],
  ['backspace_egress', 'BACKSPACE_EGRESS'],
  ['BACKSAPCE_EGRESS', 'BACKSPACE_EGRESS'],
  ['BACK_SPACE_EGRESS', 'BACKSPACE_EGRESS'],
  ['BACKSPACE_BUDGET', 'BACKSPACE_BUDGET_USD'],
  ['BACKSPACE_BUGET', 'BACKSPACE_BUDGET_USD'],
  ['BACKSPACE_GRACE', 'BACKSPACE_GRACE_SECONDS'],
  ['BACKSPACE_KEEP_EVENT', 'BACKSPACE_KEEP_EVENTS_DAYS'],
  ['BACKSPACE_SETUP_CASHE', 'BACKSPACE_SETUP_CACHE'],
  ['BACKSPACE_PORT', 'PORT'],
  ['BACKSPACE_API_TOKENS', 'API_TOKENS'],
  ['ANTHROPIC_APIKEY', 'ANTHROPIC_API_KEY'],
  ['ANTROPIC_API_KEY', 'ANTHROPIC_API_KEY'],
  ['anthropic_api_key', 'ANTHROPIC_API_KEY'],
  ['GITHUB_PATT', 'GITHUB_PAT'],
  ['OPENAI_KEY', 'OPENAI_API_KEY'],
  ['E2B_KEY', 'E2B_API_KEY'],
  ['e2bApiKey', 'E2B_API_KEY'],
  ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
  ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
  ['E2B_APIKEY', 'E2B_API_KEY'],
  ['WEBHOOK_SECERT', 'WEBHOOK_SECRET'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['API_TOKNES', 'API_TOKENS'],
  ['LANGSMITH_APIKEY', 'LANGSMITH_API_KEY'],
  ['PRIVATE_KEYPATH', 'PRIVATE_KEY_PATH'],
  ['Private_Key', 'PRIVATE_KEY'],
  ['privateKeyPath', 'PRIVATE_KEY_PATH'],
  ['private-key', 'PRIVATE_KEY'],
  ['PRIVATE_KEYS', 'PRIVATE_KEY'],
  ['KEY_PRIVATE', 'PRIVATE_KEY'],
  ['PRIVAT_KEY', 'PRIVATE_KEY'],
  ['PRIVATE_KEY_FILE', 'PRIVATE_KEY_PATH'],
  ['GITHUB_PRIVATE_KEY_FILE', 'PRIVATE_KEY_PATH'],
  ['TRUST_PROXIES', 'BACKSPACE_TRUSTED_PROXIES'],
  ['TRUST_PROXY', 'BACKSPACE_TRUSTED_PROXIES'],
  ['trusted_proxies', 'BACKSPACE_TRUSTED_PROXIES'],
  ['TRUST_LOCAL_CALLERS', 'BACKSPACE_TRUST_LOCAL_CALLERS'],
  ['RUNS_PER_HOUR', 'BACKSPACE_RUNS_PER_HOUR'],
  ['GITHUB_APP_ID', 'APP_ID'],
  ['GH_APP_ID', 'APP_ID'],
  ['githubAppId', 'APP_ID'],
  ['app_id', 'APP_ID'],
  ['GITHUB_APP_PRIVATE_KEY', 'PRIVATE_KEY'],
  ['GITHUB_APP_PRIVTE_KEY', 'PRIVATE_KEY'],
  ['GITHUB_WEBHOOK_SECRET', 'WEBHOOK_SECRET'],
  ['APP_WEBHOOK_SECRET', 'WEBHOOK_SECRET'],
  ['SECRET_WEBHOOK', 'WEBHOOK_SECRET'],
  ['WEBHOOK-SECRET', 'WEBHOOK_SECRET'],
  ['WEBHOOK_SECRET_FILE', 'WEBHOOK_SECRET'],
  ['DATABASE_URL_FILE', 'DATABASE_URL'],
  ['DATABASEURL', 'DATABASE_URL'],
  ['databaseUrl', 'DATABASE_URL'],
  ['PUBLIC_URLS', 'PUBLIC_URL'],
])('%s is %s, misspelt', (name, meant) => {
  expect(findMisspeltNames({ [name]: '9fJ2kLmN' })).toEqual([
    `${name} is not a setting. Did you mean ${meant}?`,
  ])
})

test('a variable with our prefix that resembles nothing is refused too, even if it is empty', () => {
  expect(findMisspeltNames({ BACKSPACE_FROBNICATE_ALL: '' })).toEqual([
    'BACKSPACE_FROBNICATE_ALL is not a setting. Remove it; docs/configuration.md lists all of them.',
  ])
})

test.each(
  Object.entries(ORDINARY),
)('what is set in an ordinary environment stops nothing: %s', (_where, names) => {
  const env = Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, '9fJ2kLmN']),
  )
  expect(Object.keys(env).length).toBeGreaterThan(5)
  expect(findMisspeltNames(env)).toEqual([])
})

test('the variables that Kubernetes sets for services called backspace stop nothing', () => {
  const links = {
    BACKSPACE_SERVICE_HOST: '10.0.0.11',
    BACKSPACE_SERVICE_PORT: '3000',
    BACKSPACE_SERVICE_PORT_HTTP: '3000',
    BACKSPACE_PORT: 'tcp://10.0.0.11:3000',
    BACKSPACE_PORT_3000_TCP: 'tcp://10.0.0.11:3000',
    BACKSPACE_PORT_3000_TCP_PROTO: 'tcp',
    BACKSPACE_PORT_3000_TCP_PORT: '3000',
    BACKSPACE_PORT_3000_TCP_ADDR: '10.0.0.11',
    BACKSPACE_WEB_SERVICE_HOST: '10.0.0.12',
    BACKSPACE_WEB_PORT: 'tcp://10.0.0.12:3000',
    BACKSPACE_WEB_PORT_3000_TCP_ADDR: '10.0.0.12',
  }
  expect(findMisspeltNames(links)).toEqual([])
})

test('every setting is its own name, and a right one beside a wrong one answers it', () => {
  expect(findMisspeltNames(Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, 'x'])))).toEqual([])
  expect(findMisspeltNames({ OPENAI_KEY: 'x', OPENAI_API_KEY: 'y' })).toEqual([])
})
