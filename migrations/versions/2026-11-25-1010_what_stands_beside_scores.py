"""what stands beside scores

Revision ID: beside_scores
Revises: risk_checks
"""

import sqlalchemy as sa
from alembic import op


revision = 'beside_scores'
down_revision = 'risk_checks'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('cycle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('applies_severity', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('score_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('beside', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    with op.batch_alter_table('score_run', schema=None) as batch_op:
        batch_op.drop_column('beside')

    with op.batch_alter_table('cycle', schema=None) as batch_op:
        batch_op.drop_column('applies_severity')
