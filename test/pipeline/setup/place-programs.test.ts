import { expect, test } from 'vitest'
import { placePrograms } from '../../../src/pipeline/setup/place-programs.ts'
import { openWorkspace } from '../../agent/support/open-workspace.ts'

test('links lead to programs, and starters start them with all of their arguments', async () => {
  const { sandbox, sh } = await openWorkspace({ 'say.sh': 'printf "[%s]" "$@"; exit 3' })
  const own = `${sandbox.home}/own programs`
  await placePrograms(
    sandbox,
    {
      links: [{ target: '/bin/sh', link: `${own}/links/shell` }],
      starters: [{ path: `${own}/starters/say`, starts: 'sh say.sh first' }],
    },
    new AbortController().signal,
  )
  expect(await sh(`"${own}/links/shell" -c 'echo it'`)).toBe('it')
  expect(await sh(`"${own}/starters/say" "a b" '$HOME' || echo " $?"`)).toBe('[first][a b][$HOME] 3')
})
