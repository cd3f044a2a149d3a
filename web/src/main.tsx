import { render } from 'preact';
import './styles.css';
import { App } from './app';
import { applyTheme, storedTheme } from './lib/theme';

applyTheme(storedTheme());
const root = document.getElementById('app');
if (root) render(<App />, root);
