import { expect, test } from 'vitest'
import { readVariable } from '../../../src/checks/environment/plain-variables.ts'

test.each([
  'PATH',
  'path',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'DYLD_INSERT_LIBRARIES',
  'NODE_OPTIONS',
  'node_options',
  'BASH_ENV',
  'ENV',
  'BASH_FUNC_ls%%',
  'PROMPT_COMMAND',
  'IFS',
  'PS4',
  'GIT_SSH_COMMAND',
  'GIT_CONFIG_COUNT',
  'SSH_AUTH_SOCK',
  'GITHUB_TOKEN',
  'HOME',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'PYTHONSTARTUP',
  'PYTHONHOME',
  'RUBYOPT',
  'PERL5OPT',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'DOTNET_STARTUP_HOOKS',
  'npm_config_script_shell',
  'https_proxy',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'BACKSPACE_TOKEN',
  'E2B_API_KEY',
  'GLIBC_TUNABLES',
  'a-b',
  '1A',
  '',
  'A'.repeat(101),
])('%s is refused with a reason', (name) => {
  expect(readVariable(name, 'x')).toEqual({ refused: expect.stringMatching(/^(?:it steers |a name has )/) })
})

test.each([
  ['NODE_ENV', 'test', 'test'],
  ['DATABASE_URL', 'postgres://127.0.0.1/test', 'postgres://127.0.0.1/test'],
  ['PYTHONPATH', 'src', 'src'],
  ['CI', false, 'false'],
  ['PORT', 3000, '3000'],
  ['RUSTFLAGS', '-D warnings', '-D warnings'],
  ['TEXT', 'two\nlines', 'two\nlines'],
])('%s is set', (name, value, text) => {
  expect(readVariable(name, value)).toEqual({ value: text })
})

test.each([
  [null, 'must be text'],
  [{}, 'must be text'],
  ['x'.repeat(4097), 'more than 4096 characters'],
  ['a\0b', 'control characters'],
])('the value %j is refused', (value, why) => {
  expect(readVariable('A', value)).toEqual({ refused: expect.stringContaining(why) })
})
