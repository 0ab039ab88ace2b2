import { expect, test } from 'vitest'
import { planEnvironment } from '../../../../src/checks/environment/plan-environment.ts'
import { projectOf } from '../../project-of.ts'

const WORKFLOW = '.github/workflows/ci.yml'

async function unmetWith(
  steps: readonly string[],
  { packages, settings = '' }: { packages: readonly string[]; settings?: string },
): Promise<readonly string[]> {
  const lines = steps.map((script) => `      - run: |\n${script.replace(/^/gm, '          ')}\n`).join('')
  const files = {
    'package.json': '{"scripts":{"test":"vitest"}}',
    ...(settings === '' ? {} : { '.github/backspace.yml': settings }),
    [WORKFLOW]: `on: push\njobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - run: apt install graphviz\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${lines}      - run: npm test\n`,
  }
  const project = { ...projectOf(files), packages: new Set(packages) }
  const request = {
    ...{ egress: { hosts: [], ecosystems: true, repositories: [] } },
    ...{ templates: [], home: '/home/user' },
  }
  return (await planEnvironment(project, request)).environment.unmet
}

test.each<[string, string]>([
  ['sudo apt-get update && sudo apt-get install -y -qq zsh gcc fish', '`zsh`, `fish` with apt'],
  ['[[ $(uname) == Linux ]] && sudo apt-get -y install --no-install-recommends zsh', '`zsh` with apt'],
  ['if true; then apt install zsh; fi', '`zsh` with apt'],
  [
    'sudo -E DEBIAN_FRONTEND=noninteractive apt-get install \\\n  gcc \\\n  libfoo-dev=1.2 g++:i386',
    '`libfoo-dev`, `g++` with apt',
  ],
  ['apt-get install -t bookworm-backports -o Acquire::Retries=3 zsh $MORE ./a.deb', '`zsh` with apt'],
  ['apt-get install a b c d e f g h i j', '`h` and 2 others with apt'],
])('what CI installs with apt and the sandbox lacks is named: %s', async (script, named) => {
  const [unmet, ...others] = await unmetWith([script], { packages: ['gcc'] })
  expect(unmet).toContain(`${named} (\`${WORKFLOW}\`), and this sandbox does not have`)
  expect(others).toEqual([])
})

test('nothing is said of what is there, of what is not known, and of what settings have decided', async () => {
  const install = ['apt-get install gcc', 'echo apt-get install zsh', 'brew install zsh']
  expect(await unmetWith(install, { packages: ['gcc'] })).toEqual([])
  expect(await unmetWith(['apt install zsh'], { packages: [] })).toEqual([])
  expect(await unmetWith(['apt install zsh'], { packages: ['gcc'], settings: 'checks: make' })).toEqual([])
})
