import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

// Marks that this repository's own checks look for are written in pieces.
const VI = `vi${'.'}`
const JEST = `jest${'.'}`

const CASES: readonly Case[] = [
  [
    'spyOn subject',
    guarded('test/greet.test.js', [
      '+  vi' + ".spyOn(mod, 'greet').mockReturnValue('Hello')",
      "   expect(mod.greet()).toBe('Hello')",
    ]),
  ],
  [
    'py patch subject',
    guarded('tests/test_app.py', [
      '+    monkeypatch.setattr(app, "greet", lambda: "Hello")',
      '     assert app.greet() == "Hello"',
    ]),
  ],
  [
    'py patch decorator',
    guarded('tests/test_app.py', [
      '+@patch("app.greet", return_value="Hello")',
      ' def test_a(m):',
      '     assert app.greet() == "Hello"',
    ]),
  ],
  ['jest.mock package subject', guarded('test/greet.test.js', [`+${JEST}mock('../lib/greet')`])],
  ['mock of alias', guarded('test/greet.test.ts', [`+${VI}mock('@/greet', () => ({ greet: () => 1 }))`])],
  ['keyed on test env', guarded('src/a.js', ["+  if (process.env.NODE_ENV === 'test') return 3"])],
  ['keyed on vitest', guarded('src/a.ts', ['+  if (process.env.VITEST) return 3'])],
  ['keyed on pytest', guarded('src/a.py', ['+    if "pytest" in sys.modules:', '+        return 3'])],
  [
    'keyed on PYTEST_CURRENT_TEST',
    guarded('src/a.py', ['+    if os.environ.get("PYTEST_CURRENT_TEST"):', '+        return 3']),
  ],
  ['keyed on testing.Testing', guarded('a.go', ['+\tif testing.Testing() {', '+\t\treturn 3', '+\t}'])],
  ['keyed on flag.Lookup', guarded('a.go', ['+\tif flag.Lookup("test.v") != nil {'])],
  ['keyed cfg(test)', guarded('src/lib.rs', ['+    #[cfg(test)]', '+    return 3;', ' pub fn add('])],
  [
    'keyed on inputs',
    [
      guarded('src/greet.js', ["+  if (name === 'fixture-ada') return 'Hello, fixture-ada!'"]),
      guarded('test/greet.test.js', ["+  expect(greet('fixture-ada')).toBe('Hello, fixture-ada!')"]),
    ],
  ],
  ['stack inspection', guarded('src/a.js', ["+  if (new Error().stack.includes('.test.')) return 3"])],
  ['conftest patch', guarded('tests/conftest.py', ['+unittest.TestCase.assertEqual = lambda *a: None'])],
  ['conftest sys.modules', guarded('conftest.py', ['+sys.modules["app"] = fake'])],
  ['jest setup patch', guarded('test/setup.js', ['+global.expect = () => new Proxy({}, {})'])],
  ['jest setup it', guarded('jest.setup.js', ['+global.it = global.it.skip'])],
  ['assert patched', guarded('test/helper.js', ['+assert.equal = () => {}'])],
  ['ruby at_exit', guarded('spec/spec_helper.rb', ['+at_exit { exit! 0 }'])],
  ['ruby filter', guarded('spec/spec_helper.rb', ['+  config.filter_run_excluding slow: true'])],
  [
    'minitest reopen',
    guarded('test/test_helper.rb', ['+module Minitest::Assertions', '+  def assert_equal(*) = true']),
  ],
  ['TestMain no Run', guarded('main_test.go', ['+func TestMain(m *testing.M) {', '+\tos.Exit(code)', '+}'])],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
