import globals from "globals";
import js from "@eslint/js";

export default [
    {ignores: [".cache/", "node_modules/", "test-results/"]},
    js.configs.recommended,
    {
        files: ["**/*.js", "**/*.mjs"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {...globals.browser, console: "readonly", odoo: "readonly"},
        },
        rules: {
            curly: "error",
            eqeqeq: "error",
            "no-console": "off",
            "no-shadow": "error",
            "no-unused-vars": ["error", {argsIgnorePattern: "^_"}],
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
