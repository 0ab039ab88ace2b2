import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { createApi } from '../api-repository.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const clones = (provider: SandboxProvider): SandboxProvider => ({ ...provider, reachesGitHub: true })
/** Lists names (escaped) and contents, then leaves everything as it is. */
function look(seen: string[]): Work {
  return async ({ workspace }, { sandbox }) => {
    const script = `git ls-files -z | tr "\\0" "\\n" | LC_ALL=C cat -v; git status --porcelain; git log --oneline | wc -l; git remote
git submodule update --init deps/lib >/dev/null 2>&1; echo $?; cd deps; cat lib/a.txt; git -C lib log --format=%s; ls else secret`
    seen.push((await sandbox.exec(script, { cwd: workspace })).stdout)
    return { kind: 'no_change', summary: 'Looked.' }
  }
}

test.each([
  ['upload', (provider: SandboxProvider) => provider],
  ['clone', clones],
])('by %s the commit arrives as it is, odd names and public submodules included, without a remote', async (_name, sandboxes) => {
  const { github, run } = await startPipeline({ sandboxes })
  const directory = await mkdtemp(join(tmpdir(), 'odd-names-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await promisify(execFile)('bash', [
    '-ec',
    `cd "$0"; commit() { git add -A 2>/dev/null; git -c user.name=T -c user.email=t@t commit -qm "$1" --allow-empty; }
     git init -q -b main lib; cd lib; echo lib > a.txt; commit Lib; cd ..; mv lib "$0.lib"
     git init -q -b main; printf 'x\\n' > "$(printf 'caf\\351.txt')"; echo ü > ü.txt; echo a > "with space"
     printf '* text eol=crlf\\n' > .gitattributes; printf 'a\\nb\\n' > t.txt
     for at in lib:../lib.git else:https://example.org/a/else secret:${github.url}/acme/secret.git; do
       printf '[submodule "%s"]\n\tpath = deps/%s\n\turl = %s\n' "\${at%%:*}" "\${at%%:*}" "\${at#*:}" >> .gitmodules
       git update-index --add --cacheinfo "160000,$(git -C "$0.lib" rev-parse HEAD),deps/\${at%%:*}"; mkdir -p "deps/\${at%%:*}"
     done
     commit one; commit two`,
    directory,
  ])
  onTestFinished(() => rm(`${directory}.lib`, { recursive: true, force: true }))
  await github.createRepository({ owner: 'acme', name: 'lib', fromDirectory: `${directory}.lib` })
  await github.createRepository({
    owner: 'acme',
    name: 'secret',
    private: true,
    fromDirectory: `${directory}.lib`,
  })
  await github.createRepository({ owner: 'acme', name: 'odd', private: true, fromDirectory: directory })
  const seen: string[] = []
  const repository = { owner: 'acme', name: 'odd' }
  // GitHub does not know the new token everywhere, and is away for a moment, just when the code is fetched.
  const unknown = github.fail({ path: /odd\.git\/info\/refs/, status: 401 })
  const away = github.fail({ path: /odd\.git\/info\/refs/, status: 503 })
  const { end, events } = await run({ repository }, look(seen))
  expect(end).toMatchObject({ type: 'run.succeeded' })
  expect(seen).toEqual([
    `.gitattributes\n.gitmodules\ncafM-i.txt\ndeps/else\ndeps/lib\ndeps/secret\nt.txt\nwith space\nM-CM-<.txt\n2
0\nlib\nLib\nelse:\n\nsecret:\n`,
  ])
  expect(events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))).toContain(
    '2 submodules are empty (`deps/else`: it is not on the same GitHub; `deps/secret`: not everyone may read its repository).',
  )
  expect([unknown.hits, away.hits]).toEqual([1, 1])
  const changed = await run({ repository }, 'echo more >> "with space"')
  expect(changed.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  expect(await github.diff('acme/odd', 'main', github.pullRequests('acme/odd')[0]?.headSha ?? '')).toContain(
    '+more',
  )
})

test('the exact reason is given for every repository that cannot be worked on', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  await github.createRepository({ owner: 'acme', name: 'empty' })
  await github.createRepository({ owner: 'acme', name: 'old', archived: true, files: { a: 'a' } })
  await github.createRepository({ owner: 'acme', name: 'elsewhere', files: { a: 'a' }, installed: false })
  await github.createRepository({ owner: 'acme', name: 'mirror', files: { a: 'a' }, pullRequests: false })
  const ends = [
    await run({ repository: { owner: 'acme', name: 'empty' } }, 'true'),
    await run({ repository: { owner: 'acme', name: 'old' } }, 'true'),
    await run({ repository: { owner: 'acme', name: 'elsewhere' } }, 'true'),
    await run({ repository: { owner: 'acme', name: 'nothing' } }, 'true'),
    await run({ options: { base: 'no-such-branch' } }, 'true'),
    await run({ options: { base: '../../pulls' } }, 'true'),
    await run({ repository: { owner: 'acme', name: 'mirror' } }, 'true'),
  ]
  expect(ends.map(({ run: { ending } }) => ending?.code)).toEqual([
    'repository_empty',
    'repository_archived',
    'not_installed',
    'repository_not_found',
    'base_not_found',
    'base_not_found',
    'publish_blocked',
  ])
  expect(ends[2]?.run.ending?.message).toContain(`${github.url}/apps/backspace/installations/new`)
})

test('a pull request from a fork or a closed one is refused with the reason', async () => {
  const { github, run } = await startPipeline()
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    files: { a: 'a\n' },
    collaborators: { ada: 'write' },
  })
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files: { b: 'b\n' } })
  const pull = await github.openPullRequest({ repo: 'acme/api', author: 'ada', title: 'T', head: 'topic' })
  await github.closeThread({ repo: 'acme/api', number: pull.number, author: 'ada' })
  const token = github.createPat({ login: 'eve', scopes: ['repo'] })
  const api = (path: string, body: object) =>
    fetch(`${github.apiUrl}${path}`, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    })
  await api('/repos/acme/api/forks', {})
  await github.pushFiles({ repo: 'eve/api', branch: 'mine', author: 'eve', files: { c: 'c\n' } })
  const answer = await api('/repos/acme/api/pulls', { title: 'F', head: 'eve:mine', base: 'main' })
  const { number } = (await answer.json()) as { number: number }
  const on = (threadNumber: number) =>
    run(
      {
        trigger: 'comment',
        thread: { kind: 'pull_request', number: threadNumber, title: 'T', body: '', author: 'eve', url: '' },
      },
      'true',
    )
  expect((await on(pull.number)).end).toMatchObject({ type: 'run.failed', code: 'conflict' })
  expect((await on(number)).end).toMatchObject({ type: 'run.failed', code: 'fork_pull_request' })
})
