import tseslint from "typescript-eslint";

const impure = ["Date.now", "Math.random"].map((call) => {
  const [object, property] = call.split(".");
  return { object, property, message: `${call} makes a pure room depend on when or where it runs: pass the value in.` };
});

export default tseslint.config(
  { ignores: ["generated/", "dist/", "node_modules/", ".cache/", "out/", "e2e/apps/", "**/*.cjs", "eslint.config.js"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "max-depth": ["error", 4],
      "max-params": ["error", 5],
      complexity: ["error", 18],
      "no-restricted-syntax": [
        "error",
        { selector: "TSEnumDeclaration", message: "Use a union of literals." },
        {
          selector: "NewExpression[callee.name='RegExp']:not([arguments.0.type='Literal'])",
          message: "Never compile a user's regex here.",
        },
      ],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["src/model/**", "src/mesh/**", "src/envoy/**"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-properties": ["error", ...impure],
      "no-restricted-globals": ["error", "process", "setTimeout", "setInterval"],
    },
  },
  {
    files: ["**/*.test.ts", "e2e/**", "e2e-kind/**", "scripts/**"],
    rules: {
      "max-lines-per-function": "off",
      "no-console": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
