import { expect, test } from 'vitest'
import { startWorld } from '../support/start-world.ts'

const PATH = '.github/backspace.yml'
const FILES = {
  Makefile: 'test:\n\t@echo ok\n',
  'api/package.json': '{"name":"api","scripts":{"test":"grep good lib.txt"}}',
  'api/lib.txt': 'good\n',
  'web/package.json': '{"name":"web","scripts":{"test":"grep good lib.txt"}}',
  'web/lib.txt': 'bad\n',
}

/** Without what differs from run to run. */
function steady(text: string | null | undefined): string {
  return (text ?? '').replace(/\b\d+(?:\.\d+)? m?s\b/g, '9 ms').replace(/\b[0-9a-f]{7}\b/g, 'abcdef0')
}

test('a settings file is proposed with the commands that work, and corrected when one of them no longer does', async () => {
  const world = await startWorld()
  const { github } = world
  const collaborators = { ada: 'write', eve: 'read' } as const
  await github.createRepository({ owner: 'acme', name: 'api', collaborators, files: FILES })
  await github.createRepository({
    owner: 'acme',
    name: 'bare',
    collaborators,
    files: { 'README.md': '# Hi\n' },
  })
  const repo = 'acme/api'
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'How are we tested?' })
  const say = (author: string, body = '/backspace setup') => github.comment({ repo, number, author, body })
  const posted = (text: RegExp, where = repo, thread = number) =>
    github.waitFor(() => github.comments(where, thread).find(({ body }) => text.test(body)))

  await say('eve')
  await posted(/@eve, starting Backspace needs write access/)
  expect(await world.runs()).toEqual([])

  await say('ada')
  const end = (await world.frames()).at(-1)
  expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  await posted(/🚀 Opened pull request #2: Say how Backspace installs/)
  const [pull] = github.pullRequests(repo)
  expect(steady(pull?.body)).toMatchInlineSnapshot(`
    "This says in \`.github/backspace.yml\` how Backspace installs and checks this repository. Each command ran in a clean sandbox on abcdef0. No AI model was used, so this run cost nothing.

    | | Command | Result | Tests | Time |
    |---|---|---|---:|---:|
    | check | \`make test\` | ✅ passed |  | 9 ms |
    | check | \`cd api && npm test\` | ✅ passed |  | 9 ms |
    | check | \`cd web && npm test\` | ❌ failed (exit code 1), left out |  | 9 ms |

    <details><summary>Output of a check that did not pass</summary>

    \`cd web && npm test\`

    \`\`\`text

    > test
    > grep good lib.txt
    \`\`\`

    </details>

    ### Not covered

    - \`web\`: no check of its JavaScript passed.

    ### If you merge it

    - From then on exactly these commands run before and after each change, in this order. Change, add or delete some here first if you like.
    - Without the key \`checks\`, Backspace finds the checks itself, and runs those of the folders that a change reaches.
    - The file can say more: \`env\`, \`services\`, \`egress\`, \`setup-minutes\`, \`check-minutes\`, \`verify\`, \`prove\`, \`agent\`.

    For #1

    ---
    <sub>Requested by @ada · no AI model</sub>"
  `)
  expect(pull).toMatchObject({ draft: false, base: 'main' })
  const text = (await github.fileAt(repo, pull?.head ?? '', PATH)) ?? ''
  expect(steady(text)).toMatchInlineSnapshot(`
    "# How Backspace installs and checks this repository: exactly these commands, from its root, in this order.
    # Written and tried by /backspace setup at abcdef0. Without a key, Backspace looks for itself.

    checks:
      - make test # Makefile: passed in 9 ms
      - cd api && npm test # api/package.json: passed in 9 ms
      # - cd web && npm test # web/package.json: failed (exit code 1)
    "
  `)
  expect(Object.keys(await github.filesAt(repo, pull?.head ?? ''))).toEqual(
    [PATH, ...Object.keys(FILES)].sort(),
  )
  expect(github.checkRuns(repo)).toMatchObject([{ name: 'Backspace', conclusion: 'neutral' }])
  await Promise.all(github.deliveries.map(({ id }) => github.redeliver(id)))
  await github.settled()
  expect(await world.runs()).toHaveLength(1)

  // On the pull request as well it is about the default branch.
  const push = (files: Record<string, string>) =>
    github.pushFiles({ repo, author: 'ada', branch: 'main', files })
  await push({ [PATH]: `# ours\nprove: never\n${text}` })
  await github.comment({ repo, number: 2, author: 'ada', body: '/backspace setup' })
  const works = await posted(/can be run, so there is nothing to correct/, repo, 2)
  expect(works.body.match(/✅ passed/g)).toHaveLength(2)
  await push({ Makefile: 'all:\n' })
  await say('ada')
  await posted(/🚀 Opened pull request #3: Correct what does not work/)
  const corrected = github.pullRequests(repo).find((one) => one.number === 3)
  expect(corrected?.body).toContain('| check | `make test` | ➖ could not run (exit code 2), left out |')
  expect(await github.diff(repo, 'main', corrected?.head ?? '').then(steady)).toMatchInlineSnapshot(`
    "diff --git a/.github/backspace.yml b/.github/backspace.yml
    index abcdef0..abcdef0 100644
    --- a/.github/backspace.yml
    +++ b/.github/backspace.yml
    @@ -4,6 +4,6 @@ prove: never
     # Written and tried by /backspace setup at abcdef0. Without a key, Backspace looks for itself.
     
     checks:
    -  - make test # Makefile: passed in 9 ms
    -  - cd api && npm test # api/package.json: passed in 9 ms
    +  # - make test # could not run because there is no rule for \`test\` (exit code 2)
    +  - cd api && npm test # passed in 9 ms
       # - cd web && npm test # web/package.json: failed (exit code 1)
    "
  `)

  const bare = await github.openIssue({
    repo: 'acme/bare',
    author: 'ada',
    title: 'Hi',
    body: '/backspace setup',
  })
  await github.comment({ repo: 'acme/bare', number: bare.number, author: 'ada', body: '/backspace setup' })
  const nothing = await posted(/found nothing here that installs or checks/, 'acme/bare', bare.number)
  expect(nothing.body).toContain('checks: # each ends with 0')
  expect(await github.branches('acme/bare')).toEqual({ main: expect.any(String) })
})
