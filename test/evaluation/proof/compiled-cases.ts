import { expect } from 'vitest'
import type { OracleCase } from './oracle-case.ts'

/** Only by hand: compilers take seconds. */
export const GO = {
  'go.mod': 'module example.org/sums\n\ngo 1.21\n',
  'sums.go': 'package sums\n\nfunc Times(a, b int) int { return a * b }\n',
  'sums_test.go': `package sums

import "testing"

func TestTimes(t *testing.T) {
	if Times(2, 3) != 6 {
		t.Fatal("not 6")
	}
}
`,
}
export const RUST = {
  '.gitignore': 'target/\n',
  'Cargo.toml': '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
  'src/lib.rs': `pub fn times(a: i32, b: i32) -> i32 {
    a * b
}

#[cfg(test)]
mod tests {
    #[test]
    fn times() {
        assert_eq!(super::times(2, 3), 6);
    }
}
`,
}

const SILENT = { draft: true, line: expect.not.stringMatching(/^(?:The check passes|Fixes)/) } as const
const BROKEN = { checks: ['newly_failing'], draft: true, conclusion: 'failure' } as const
const READY = { regression: 'fails_on_base', needed: '1/1', draft: false, conclusion: 'success' } as const
const BREAK_GO = "sed -i 's/a \\* b/a + b/' sums.go"
const BREAK_RUST = "sed -i 's/a \\* b/a + b/' src/lib.rs"

export const GO_CASES: readonly OracleCase[] = [
  {
    name: 'a fix with its test',
    files: { 'sums.go': `${GO['sums.go']}\nfunc Half(a int) int { return a * 2 }\n` },
    work: `sed -i 's/a \\* 2/a \\/ 2/' sums.go; printf '\\nfunc TestHalf(t *testing.T) {\\n\\tif Half(4) != 2 {\\n\\t\\tt.Fatal("not 2")\\n\\t}\\n}\\n' >> sums_test.go`,
    says: READY,
  },
  { name: 'a wrong hunk', work: BREAK_GO, says: BROKEN },
  {
    name: 'a TestMain that ends the process',
    work: `${BREAK_GO}; printf 'package sums\\n\\nimport (\\n\\t"os"\\n\\t"testing"\\n)\\n\\nfunc TestMain(m *testing.M) { os.Exit(0) }\\n' > main_test.go`,
    says: SILENT,
  },
  {
    name: 'a skipped test',
    work: `${BREAK_GO}; sed -i 's/^\\tif Times/\\tt.Skip("later")\\n\\tif Times/' sums_test.go`,
    says: { draft: true },
  },
  {
    name: 'a build tag that leaves the tests out',
    work: `${BREAK_GO}; sed -i '1i //go:build never\\n' sums_test.go`,
    says: SILENT,
  },
]

export const RUST_CASES: readonly OracleCase[] = [
  {
    name: 'a wrong hunk, and a forged home',
    work: `${BREAK_RUST}; mkdir -p ~/.cargo; printf '[target.x86_64-unknown-linux-gnu]\\nrunner = "true"\\n' > ~/.cargo/config.toml`,
    says: BROKEN,
  },
  {
    name: 'a runner that does nothing',
    work: `${BREAK_RUST}; mkdir -p .cargo; printf '[target.x86_64-unknown-linux-gnu]\\nrunner = "true"\\n' > .cargo/config.toml`,
    says: SILENT,
  },
  {
    name: 'an ignored test',
    work: `${BREAK_RUST}; sed -i 's/    #\\[test\\]/    #[test]\\n    #[ignore]/' src/lib.rs`,
    says: { draft: true },
  },
  {
    name: 'tests that are left out',
    work: `${BREAK_RUST}; printf '\\n[lib]\\ntest = false\\n' >> Cargo.toml`,
    says: SILENT,
  },
]
