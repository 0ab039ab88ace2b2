import { expect, test } from 'vitest'
import { findMisspeltNames } from '../../src/settings/misspelt-names.ts'
import { VARIABLES } from '../../src/settings/variables.ts'

test.each([
  ['BACKSPACE_EGRES', 'BACKSPACE_EGRESS'],
  ['BACKSPACE_ERGESS', 'BACKSPACE_EGRESS'],
  ['backspace_egress', 'BACKSPACE_EGRESS'],
  ['BACKSAPCE_EGRESS', 'BACKSPACE_EGRESS'],
  ['BACK_SPACE_EGRESS', 'BACKSPACE_EGRESS'],
  ['BACKSPACE_BUDGET', 'BACKSPACE_BUDGET_USD'],
  ['BACKSPACE_PORT', 'PORT'],
  ['BACKSPACE_API_TOKENS', 'API_TOKENS'],
  ['ANTHROPIC_APIKEY', 'ANTHROPIC_API_KEY'],
  ['ANTROPIC_API_KEY', 'ANTHROPIC_API_KEY'],
  ['anthropic_api_key', 'ANTHROPIC_API_KEY'],
  ['GITHUB_PATT', 'GITHUB_PAT'],
  ['OPENAI_KEY', 'OPENAI_API_KEY'],
  ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
  ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
  ['E2B_APIKEY', 'E2B_API_KEY'],
  ['WEBHOOK_SECERT', 'WEBHOOK_SECRET'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['API_TOKNES', 'API_TOKENS'],
  ['LANGSMITH_APIKEY', 'LANGSMITH_API_KEY'],
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

/** Names that other software sets, any of them may be set when Backspace starts. */
const OTHERS = `
GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_ENV GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB GITHUB_OUTPUT
GITHUB_PATH GITHUB_REF GITHUB_REPOSITORY GITHUB_RUN_ID GITHUB_SERVER_URL GITHUB_SHA GITHUB_STATE GITHUB_TOKEN GITHUB_WORKFLOW
GITHUB_WORKSPACE RUNNER_OS RUNNER_TEMP CI HOME HOSTNAME LANG PATH PWD SHLVL TERM USER SHELL TMPDIR DOCKER_HOST DYNO STACK
DATABASE_URI DATABASE_URL_POOLED HEROKU_POSTGRESQL_PINK_URL KUBERNETES_PORT KUBERNETES_SERVICE_HOST RENDER_EXTERNAL_URL FLY_APP_NAME
ANTHROPIC_MODEL ANTHROPIC_AUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS ANTHROPIC_SMALL_FAST_MODEL CLAUDE_CODE_USE_BEDROCK OPENAI_API_BASE
OPENAI_API_TYPE OPENAI_API_VERSION OPENAI_API_KEYS OPENAI_API_KEY_2 OPENAI_ORG_ID OPENAI_ORGANIZATION OPENAI_PROJECT_ID OPENAI_MODEL
AZURE_OPENAI_API_KEY AZURE_OPENAI_ENDPOINT E2B_ACCESS_TOKEN E2B_DEBUG E2B_DOMAIN LANGSMITH_TRACING LANGSMITH_WORKSPACE_ID
LANGCHAIN_API_KEY LANGCHAIN_PROJECT LANGCHAIN_ENDPOINT GH_HOST GH_TOKEN GHE_TOKEN API_TOKEN LOGLEVEL DATADIR XDG_DATA_DIRS APPID
WEBHOOK_PROXY_URL NODE_ENV NODE_OPTIONS npm_config_registry npm_lifecycle_event PGDATABASE PGHOST HOST_IP PORTS
`
  .trim()
  .split(/\s+/)

test('names of other software stop nothing', () => {
  expect(findMisspeltNames(Object.fromEntries(OTHERS.map((name) => [name, 'x'])))).toEqual([])
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
