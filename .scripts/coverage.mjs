// Writes docs/aws/coverage.md anew; runs after a compile (npm run coverage).
import { mkdirSync, writeFileSync } from 'node:fs'
import { coverage } from '../dist/test/aws/coverage.js'

mkdirSync(new URL('../docs/aws', import.meta.url), { recursive: true })
writeFileSync(new URL('../docs/aws/coverage.md', import.meta.url), coverage())
