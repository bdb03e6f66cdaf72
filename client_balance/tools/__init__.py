from . import amounts, xlsx
