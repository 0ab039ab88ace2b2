import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Reusing compiled code halves the start-up time. The cache is in node_modules, where only users who can change the code
// can write. In a read-only image Node caches nothing and does not fail.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/backspace'))
