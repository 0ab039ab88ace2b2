import { apart, type Kit, type Look, SOCKET } from './kit.ts'

const LOOKS: Readonly<Record<Look, string>> = {
  adds: 'self.assertEqual(sums.add(1, 2), 3)',
  halves: 'self.assertEqual(sums.half(4), 2)',
  multiplies: 'self.assertEqual(sums.times(2, 3), 6)',
  always: 'self.assertTrue(sums)',
  hangs: 'time.sleep(600)',
  flaky: `seen = os.path.exists('generated'); os.makedirs('generated', exist_ok=True); self.assertTrue(seen)`,
  environment: `self.assertEqual(os.environ.get('ORACLE'), 'yes')`,
  server: `socket.socket(socket.AF_UNIX).connect('${SOCKET}')`,
  ignored: `self.assertTrue(os.path.exists('generated/answer'))`,
  submodule: `self.assertTrue(os.path.exists('lib/answer'))`,
}

const SOURCE = [
  'def add(a, b):\n    return a - b\n',
  'def half(a):\n    return a * 2\n',
  'def times(a, b):\n    return a * b\n',
]

function pythonKit(name: string, command: string, configuration: string): Kit {
  const test: Kit['test'] = (title, look, skipped = false) => ({
    path: `test_${title}.py`,
    text: `import os
import socket
import time
import unittest

import sums


class Test(unittest.TestCase):
${skipped ? "    @unittest.skip('later')\n" : ''}    def test_${title}(self):
        ${LOOKS[look]}
`,
  })
  const times = test('times', 'multiplies')
  return {
    name,
    files: {
      '.github/backspace.yml': `checks: python3 -m ${command}\n`,
      '.gitignore': '__pycache__/\n.venv/\ngenerated/\n',
      'sums.py': SOURCE.join(`\n\n${apart('# apart')}\n`),
      [times.path]: times.text,
    },
    source: 'sums.py',
    test,
    forged: {
      home: `site=$(python3 -c 'import site; print(site.getusersitepackages())'); mkdir -p "$site" ~/.config/pip
printf 'import os\\nos._exit(0)\\n' | tee "$site/usercustomize.py" > "$site/sitecustomize.py"
printf '[install]\\nno-deps = true\\n' > ~/.config/pip/pip.conf`,
      programs: ['python3', 'pytest', 'python'],
      installed: {
        files: {
          '.github/backspace.yml': `setup: python3 -m venv --without-pip --system-site-packages .venv\nchecks: .venv/bin/python -m ${command}\n`,
        },
        work: `printf 'import os\\nos._exit(0)\\n' > "$(echo .venv/lib/python3*/site-packages)/sitecustomize.py"`,
      },
    },
    configuration,
  }
}

export const UNITTEST = pythonKit(
  'Python (unittest)',
  'unittest',
  `printf '\\ndef load_tests(loader, tests, pattern):\\n    return unittest.TestSuite()\\n' >> test_times.py`,
)
export const PYTEST = pythonKit(
  'Python (pytest)',
  'pytest',
  `printf '[pytest]\\naddopts = --deselect test_times.py --co\\n' > pytest.ini`,
)
