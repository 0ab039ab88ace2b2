import { expect, test } from 'vitest'
import { createTreeIds } from '../../../src/verify/tree-id.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from './verified-run.ts'

const startPipeline = preparePipelines()

async function publish(files: Record<string, string>, work: Work) {
  const world = await startVerifying(startPipeline, files)
  return { ...(await outcomeOf(world, await world.run({}, work))), world }
}

test('a fix passes in a clean sandbox, with the tree that is published', async () => {
  const { verification, draft, conclusion, after, steps, head, world } = await publish(
    {},
    seen('echo good > lib.txt; mkdir -p a; printf x > "a/ö dd"; chmod +x tests/test.sh; rm gone.txt'),
  )
  expect({ draft, conclusion, after }).toEqual({ draft: false, conclusion: 'success', after: [0] })
  expect(verification).toMatchObject({
    mode: 'checks',
    checks: [{ command: 'make test', folder: '', verdict: 'fixed' }],
    differences: [],
  })
  expect(verification).not.toHaveProperty('unverified')
  const files = await world.github.filesAt('acme/api', head)
  const entries = Object.entries(files).map(([path, { mode, sha }]) => ({ path, mode, sha }))
  expect(await createTreeIds({ entries, truncated: false }).withChange([])).toBe(verification.tree)
  expect(steps).toEqual(
    'sandbox clone setup baseline agent collect gate verify publish pull_request'.split(' '),
  )
})

test('what git ignores is not part of the commit (P1)', async () => {
  const { verification, draft, conclusion, after } = await publish(
    { 'tests/test.sh': 'grep -q good generated/lib.txt || grep -q good lib.txt\n' },
    seen('mkdir -p generated; echo good > generated/lib.txt; echo "bad, too" > lib.txt'),
  )
  expect({ draft, conclusion, after }).toEqual({ draft: true, conclusion: 'neutral', after: [2] })
  expect(verification).toMatchObject({
    checks: [{ verdict: 'cannot_tell' }],
    differences: [
      "`make test` passes in the agent's workspace and fails in a clean sandbox: `generated/` is ignored by git, so not part of the commit.",
    ],
  })
})

test('a project that the change breaks is checked, though the checks before the agent were others (P4)', async () => {
  const parts = Array.from({ length: 5 }, (_, at) => [`p${at}/package.json`, PACKAGE])
  const files = { ...Object.fromEntries(parts), 'p4/lib.js': '// good\n', 'tools/a.zig': 'x\n' }
  const { verification, draft } = await publish(files, seen('echo // bad > p4/lib.js; echo y > tools/a.zig'))
  expect(verification).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ folder: 'p4', verdict: 'newly_failing' })]),
  })
  expect(draft).toBe(true)
})
const PACKAGE = '{ "scripts": { "test": "grep -q good lib.js" } }'

/** What an agent leaves outside of the commit, to make a check pass that fails (P2, P3). */
const FORGERY = `mkdir -p .venv/bin; printf "#!/bin/sh\\nexit 0\\n" > .venv/bin/sh; chmod +x .venv/bin/sh
cd ~; mkdir -p bin .local/bin .config/git .config/fish .config/go .config/pip .config/environment.d .config/mise .cargo .ssh .hooks
for name in make sh bash git env grep node npm python3 timeout setpriv; do
  printf "#!/bin/sh\\nexit 0\\n" | tee bin/$name .local/bin/$name .cargo/$name > /dev/null; chmod +x bin/$name .local/bin/$name; done
printf 'make() { return 0; }\nsh() { return 0; }\ngrep() { return 0; }\nexport PATH="$HOME/bin:$HOME/.local/bin:$PATH" BASH_ENV="$HOME/.evil" ENV="$HOME/.evil" PROMPT_COMMAND="exit 0" MAKEFLAGS=--dry-run LD_PRELOAD="$HOME/evil.so" SHELLOPTS=noexec\nalias make=true\n' > .evil
for file in .profile .bash_profile .bash_login .bashrc .bash_logout .bash_aliases .zshenv .zshrc .zprofile .kshrc .envrc .ssh/rc .config/fish/config.fish; do cat .evil >> $file; done
printf 'BASH_ENV=%s/.evil\nMAKEFLAGS=-n\n' "$HOME" | tee .pam_environment .ssh/environment .config/environment.d/a.conf > /dev/null
printf '[core]\nhooksPath = ~/.hooks\nfsmonitor = false\nautocrlf = true\n[alias]\nls-files = !true\n[diff]\nexternal = true\n' | tee .gitconfig > .config/git/config
printf 'script-shell=/bin/true\n' > .npmrc; printf 'GOFLAGS=-run=^$\n' > .config/go/env; printf '[alias]\ntest = "version"\n' > .cargo/config.toml
printf '[env]\nMAKEFLAGS = "-n"\n' | tee .config/mise/config.toml .mise.toml > .tool-versions; printf '[global]\nno-deps = true\n' > .config/pip/pip.conf
cd - > /dev/null
echo good > ~/lib.txt; echo hello >> README.md`

test('programs first in PATH, start-up files of shells and settings in the home change nothing about the commit', async () => {
  const files = { 'tests/test.sh': 'grep -q good lib.txt || grep -q good ~/lib.txt\n' }
  const { draft, after, verification } = await publish(files, seen(FORGERY))
  expect({ draft, after }).toEqual({ draft: true, after: [2] })
  expect(verification.checks).toMatchObject([{ verdict: 'cannot_tell' }])
})
