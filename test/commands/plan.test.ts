import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import { githubEnvironment } from '../support/environment.ts'
import { freePort } from '../support/postgres.ts'
import { startCommand } from '../support/start-command.ts'

const CI = 'jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm run test:all\n'
const FILES = {
  'package.json': '{"scripts":{"test":"node --test","test:all":"node --test a b"}}',
  '.github/workflows/ci.yml': CI,
  '.nvmrc': '99\n',
  'api/package.json': '{"scripts":{"test":"node --test"},"dependencies":{"a":"1"}}',
  'ios/Tests/ATests.swift': '',
  ...Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [`examples/${name}/package.json`, '{"dependencies":{"x":"1"}}']),
  ),
}

function makeFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'plan-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function makeClone(): string {
  const directory = makeFolder()
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const git = (...args: string[]) => execFileSync('git', ['-C', directory, ...args], { stdio: 'ignore' })
  git('init', '-q')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'x')
  // What an attacker would like git to start.
  for (const key of ['core.fsmonitor', 'core.sshCommand', 'credential.helper', 'filter.x.smudge'])
    git('config', key, `touch ${directory}/ran`)
  writeFileSync(join(directory, '.gitattributes'), '* filter=x\n')
  symlinkSync('/etc/hostname', join(directory, 'Makefile'))
  return directory
}

async function plan(...args: string[]) {
  return planWith({}, ...args)
}

async function planWith(env: Readonly<Record<string, string>>, ...args: string[]) {
  const command = startCommand('plan.ts', args, { env })
  const code = await command.ended
  return { code, output: command.output(), errors: command.errors() }
}

test('a plan is shown with what it comes from, what is missing, and the file that says the same', async () => {
  const clone = makeClone()
  const { code, output, errors } = await plan(clone)
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const [projects = '', rest = ''] = output.replaceAll(clone, '<clone>').split('Good to know\n')
  expect(projects).toMatchInlineSnapshot(`
    "<clone>, as its files are now

    JavaScript in the root  before and after each change
      found in    .github/workflows/ci.yml, job test, line 5: npm run test:all
                  package.json
      checks      npm run test:all
      note        \`package.json\` has \`test\`, and \`.github/workflows/ci.yml\` runs
                  \`npm run test:all\`: the latter counts.

    JavaScript in api  when a change reaches it
      found in    api/package.json
      installs    cd api && npm install --no-package-lock
      checks      cd api && npm test

    JavaScript in 3 folders  when a change reaches them
      folders     examples/a, examples/b, examples/c
      installs    what each of them asks for
      checks      nothing says how they are tested

    Not covered
      • ios: it has tests (\`ios/Tests/ATests.swift\`), and nothing says how they are
        run

    "
  `)
  expect(rest).not.toContain('the latter counts')
  // Which versions are there differs from machine to machine.
  expect(rest).toContain('`.nvmrc` asks for Node `99`')
  const [sandbox = '', file = ''] = rest.split('\n.github/backspace.yml that says the same\n')
  expect(sandbox).toContain('time        10 minutes to install everything, 5 minutes for each check')
  expect(file).toMatchInlineSnapshot(`
    "  # How Backspace installs and checks this repository: exactly these commands, from its root.

      setup:
        - cd api && npm install --no-package-lock # api/package.json

      checks:
        - npm run test:all # .github/workflows/ci.yml, job test, line 5
        - cd api && npm test # api/package.json
    "
  `)
  for (const line of `${projects}${sandbox}`.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(readdirSync(clone)).not.toContain('ran')
})

test('a program gets it as JSON or as the file alone, of any commit, and the exit code tells what went wrong', async () => {
  const clone = makeClone()
  const torn = makeClone()
  writeFileSync(join(torn, '.git', 'index'), 'torn')
  const [json, yaml, nothing, unknown, usage, unread] = await Promise.all([
    plan('--json', '--ref', 'HEAD', clone),
    plan('--yaml', join(clone, '.git')),
    plan(makeFolder()),
    plan('--ref', 'gone', clone),
    plan('--yaml', '--json', clone),
    plan(torn),
  ])
  const told = JSON.parse(json.output)
  expect(told.commit).toMatch(/^[0-9a-f]{40}$/)
  expect(told.projects[0]).toMatchObject({ ecosystem: 'JavaScript', baseline: true })
  expect(told.settings).toBe(yaml.output)
  expect([json, yaml, nothing, unknown, usage].map(({ code }) => code)).toEqual([0, 0, 1, 1, 2])
  expect(unknown.errors).toContain('has no branch, tag or commit gone')
  expect(usage.errors).toMatch(/^--yaml and --json exclude each other\. .*\n\nUsage:\n/)
  expect(unread.errors).toMatch(/^Git cannot list the files of .*: fatal: /)
})

test('what cannot be planned is named, with what to write instead', async () => {
  const folder = makeFolder()
  writeFileSync(join(folder, 'notes.txt'), '')
  execFileSync('git', ['init', '-q', '--bare', join(folder, 'bare.git')])
  const free = await freePort()
  const all = await Promise.all([
    plan(join(folder, 'nothing')),
    plan(join(folder, 'notes.txt')),
    plan(join(folder, 'bare.git')),
    plan(folder, '--ref', 'v1'),
    plan(`http://127.0.0.1:${free}/acme/api`),
    plan(''),
  ])
  expect(all.map(({ code, errors }) => `${code} ${errors.replaceAll(folder, '<folder>')}`)).toEqual([
    expect.stringMatching(/^2 There is no folder <folder>\/nothing, and it is neither owner\/name nor /),
    '2 <folder>/notes.txt is a file. Name the folder of a clone.\n',
    '1 <folder>/bare.git has no commit yet. Commit something first.\n',
    expect.stringMatching(/^2 <folder> is not a clone .* Leave out --ref /),
    expect.stringMatching(/^1 http:.*\/acme\/api is out of reach: .*\. Check the address, and the network /),
    expect.stringMatching(/^2 Name a repository\.\n\nUsage:/),
  ])
})

test('a repository elsewhere is fetched with the credential of the operator, if there is one', async () => {
  const github = await startGitHub()
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    private: true,
    collaborators: { ada: 'read' },
    files: FILES,
  })
  const env = githubEnvironment(github)
  const [found, anonymous, gone] = await Promise.all([
    planWith({ ...env, GITHUB_PAT: github.createPat({ login: 'ada' }) }, 'acme/api', '--ref', 'main'),
    planWith(env, `${github.url}/acme/api`),
    planWith({ ...env, GITHUB_PAT: github.createPat({ login: 'ada' }) }, 'acme/api', '--ref', 'gone'),
  ])
  expect(found.errors).toBe('')
  expect(found.output).toContain('JavaScript in the root')
  expect([found, anonymous, gone].map(({ code }) => code)).toEqual([0, 1, 1])
  expect(anonymous.errors).toContain('cannot be read. Check the name')
  expect(gone.errors).toContain('has no branch, tag or commit gone')
})
