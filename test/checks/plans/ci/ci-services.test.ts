import { expect, test } from 'vitest'
import { planEnvironment } from '../../../../src/checks/environment/plan-environment.ts'
import { projectOf } from '../../project-of.ts'

const SETTINGS = '.github/backspace.yml'
const WORKFLOW = '.github/workflows/ci.yml'

async function unmetWith(files: Record<string, string>): Promise<readonly string[]> {
  const { environment } = await planEnvironment(
    projectOf({ 'package.json': '{"scripts":{"test":"vitest"}}', ...files }),
    {
      egress: { hosts: [], ecosystems: true, repositories: [] },
      templates: [],
      home: '/home/user',
    },
  )
  return environment.unmet
}

const jobWith = (more: string, steps = '') =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${more}    steps:\n${steps}      - run: npm test\n`
const SERVICES = `    strategy: {matrix: {pg: [16]} }
    services:
      db: {image: 'postgres:\${{ matrix.pg }}'}
      redis: {image: redis}
`
const COMPOSE = 'services:\n  db: {image: mysql:8}\n  web: {build: .}\n  mail: {image: mailhog}\n'
const up = (line: string) => jobWith('', `      - run: ${line}\n`)

test.each([
  ['services of a job', { [WORKFLOW]: jobWith(SERVICES) }, '`postgres:16`, `redis`'],
  [
    'an action',
    { [WORKFLOW]: jobWith('', '      - uses: supercharge/redis-github-action@1\n') },
    'redis-github-action@1`',
  ],
  [
    'an action that is named for a server',
    { [WORKFLOW]: jobWith('', '      - uses: a/b/actions/c-mock@v1\n') },
    '`a/b/actions/c-mock@v1`',
  ],
  [
    'images beside the first one of a job of CircleCI',
    {
      '.circleci/config.yml':
        'jobs:\n  build:\n    docker: [{image: cimg/node:20}, {image: cimg/postgres:14}]\n    steps: [checkout, {run: npm test}]\n',
    },
    'CI tests with `cimg/postgres:14` (',
  ],
  ['a program', { [WORKFLOW]: up('sudo systemctl start mysql') }, '`sudo systemctl start mysql`'],
  [
    'a compose file',
    { [WORKFLOW]: up('docker compose up -d db web'), 'compose.yml': COMPOSE },
    'CI tests with `mysql:8`, `web` (',
  ],
  [
    'a compose file that a script beside it names',
    {
      [WORKFLOW]: up('./ci/db.sh'),
      'ci/db.sh': 'docker-compose -f "$HERE/db.yml" up -d',
      'ci/db.yml': 'services: {a: {image: kafka}}',
    },
    '`kafka`',
  ],
  [
    'a server that a script in a deep folder starts, with arguments that only CI knows',
    {
      [WORKFLOW]: up('bash .github/workflows/db.sh'),
      '.github/workflows/db.sh': 'mongod --version\nARGS=$(cat args)\nmongod $ARGS\n',
    },
    'CI tests with `mongod` (`.github/workflows/db.sh`',
  ],
  [
    'a compose file of an action',
    {
      [WORKFLOW]: jobWith(
        '',
        '      - {uses: hoverkraft-tech/compose-action@v3, with: {compose-file: ci/db.yml, services: a}}\n',
      ),
      'ci/db.yml': 'services: {a: {image: kafka}, b: {image: other}}',
    },
    'CI tests with `kafka` (',
  ],
  [
    'a server that a step starts in the background',
    { [WORKFLOW]: up('python3 a/start_broker.py -c x.conf &') },
    'CI tests with `python3 a/start_broker.py -c x.conf &` (',
  ],
  [
    'programs that CI builds from other repositories',
    {
      [WORKFLOW]: up(
        '|\n          go install example.org/a/b-server/v2@latest\n          git clone --depth 1 https://example.org/c/d.git\n          make -C d install',
      ),
    },
    'CI tests with `b-server`, `d` (',
  ],
  [
    'GitLab',
    { '.gitlab-ci.yml': 'test:\n  services: [postgres:15, {name: redis:7}]\n  script: [npm test]\n' },
    '`postgres:15`, `redis:7` (`.gitlab-ci.yml`',
  ],
])('%s that CI tests with are named as missing', async (_what, files, expected) => {
  const unmet = await unmetWith(files)
  expect(unmet).toHaveLength(1)
  expect(unmet[0]).toContain(expected)
  expect(unmet[0]).toContain('this sandbox does not have that')
})

test.each([
  ['a job without services', { [WORKFLOW]: jobWith('    container: node:24\n') }],
  ['a job that tests nothing', { [WORKFLOW]: jobWith(SERVICES).replace('npm test', 'echo hi') }],
  ['tools of Go', { [WORKFLOW]: up('go install a.org/b/c@v1'), 'x/go.mod': '' }],
  ['settings that start services', { [WORKFLOW]: jobWith(SERVICES), [SETTINGS]: 'services: {db: ./db.sh}' }],
  ['settings that name checks', { [WORKFLOW]: jobWith(SERVICES), [SETTINGS]: 'checks: [npm test]' }],
])('%s: nothing is named', async (_what, files) => {
  expect(await unmetWith(files)).toEqual([])
})
