export default {
  navigation: 'Main navigation',
  skip: 'Skip to the content',
  nodes: 'Nodes',
  services: 'Services',
  tasks: 'Tasks',
  audit: 'Audit',
  users: 'Users',
  language: 'Язык: русский',
  dark: 'Use the dark theme',
  light: 'Use the light theme',
  notFound: 'There is no such page',
  home: 'Go to the nodes',
};
